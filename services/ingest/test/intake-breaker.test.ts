import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Dependency, IntakeBreaker } from '../src/intake-breaker.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const live = new AbortController().signal;

function setUp() {
  const log: string[] = [];
  const breaker = new IntakeBreaker({
    pause: () => log.push('pause'),
    resume: () => log.push('resume'),
    onChange: (name, reason) => log.push(`${name}: ${reason ?? 'answers'}`),
    firstWaitMs: 1000,
    longestWaitMs: 4000,
  });
  const dependency = (name: string) => {
    const state: Dependency & { down: boolean; probes: number } = {
      name,
      down: true,
      probes: 0,
      probe: async () => {
        state.probes += 1;
        if (state.down) throw new Error('still down');
      },
    };
    return state;
  };
  return { breaker, log, dependency };
}

describe('IntakeBreaker', () => {
  it('pauses at the first failure, probes with growing waits, and resumes by itself', async () => {
    const { breaker, log, dependency } = setUp();
    const store = dependency('store');
    breaker.failed(store, 'refused');
    breaker.failed(store, 'refused again');
    expect(log).toEqual(['pause', 'store: refused']);
    await vi.advanceTimersByTimeAsync(1000 + 2000 + 4000 + 4000);
    expect(store.probes).toBe(4);
    store.down = false;
    await vi.advanceTimersByTimeAsync(4000);
    expect(log.slice(-2)).toEqual(['store: answers', 'resume']);
  });

  it('resumes only when everything answers', async () => {
    const { breaker, log, dependency } = setUp();
    const [store, registry] = [dependency('store'), dependency('registry')];
    breaker.failed(store, 'refused');
    breaker.failed(registry, 'refused');
    store.down = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(log).not.toContain('resume');
    registry.down = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(log.filter((line) => line === 'resume')).toHaveLength(1);
  });

  it('keeps its waits growing for what answers probes but fails at its work, until it works', async () => {
    const { breaker, log, dependency } = setUp();
    const store = dependency('store');
    store.down = false;
    breaker.failed(store, 'disk full');
    await vi.advanceTimersByTimeAsync(1000);
    breaker.failed(store, 'disk full');
    await vi.advanceTimersByTimeAsync(1999);
    expect(store.probes).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(store.probes).toBe(2);
    breaker.worked(store);
    breaker.failed(store, 'disk full');
    await vi.advanceTimersByTimeAsync(1000);
    expect(store.probes).toBe(3);
    expect(log.filter((line) => line === 'resume')).toHaveLength(3);
  });

  it('does nothing more once it is closed', async () => {
    const { breaker, log, dependency } = setUp();
    const store = dependency('store');
    breaker.failed(store, 'refused');
    breaker.close(new Error('stopping'));
    store.down = false;
    await vi.advanceTimersByTimeAsync(60_000);
    breaker.failed(store, 'refused');
    expect(store.probes).toBe(0);
    expect(log).toEqual(['pause', 'store: refused']);
  });

  it('holds messages in hand, sends one ahead when a probe is answered, and lets the others follow when it works', async () => {
    const { breaker, log, dependency } = setUp();
    const store = dependency('store');
    expect(await breaker.turn(store, live)).toBe('free');
    breaker.failed(store, 'disk full');
    const order: string[] = [];
    for (const name of ['a', 'b', 'c'])
      void breaker.turn(store, live).then((turn) => order.push(`${name} ${turn}`));
    expect(breaker.status(store)).toEqual({ out: true, waiting: 3 });
    store.down = false;
    await vi.advanceTimersByTimeAsync(1000);
    expect(order).toEqual(['a trial']);
    expect(log).toEqual(['pause', 'store: disk full']);
    breaker.worked(store);
    await vi.advanceTimersByTimeAsync(0);
    expect(order).toEqual(['a trial', 'b free', 'c free']);
    expect(log.slice(2)).toEqual(['store: answers', 'resume']);
    expect(breaker.status(store)).toEqual({ out: false, waiting: 0 });
  });

  it('gives the next trial to another message when one fails, after a longer wait', async () => {
    const { breaker, log, dependency } = setUp();
    const store = dependency('store');
    store.down = false;
    breaker.failed(store, 'disk full');
    const order: string[] = [];
    const message = (name: string): void =>
      void breaker.turn(store, live).then((turn) => {
        order.push(`${name} ${turn}`);
        breaker.failed(store, 'disk full');
        message(name);
      });
    message('a');
    message('b');
    await vi.advanceTimersByTimeAsync(1000 + 2000 + 4000);
    expect(order).toEqual(['a trial', 'b trial', 'a trial']);
    expect(log).not.toContain('resume');
  });

  it('goes on with the next message when the one on trial never reports', async () => {
    const { breaker, dependency } = setUp();
    const store = dependency('store');
    store.down = false;
    breaker.failed(store, 'disk full');
    const order: string[] = [];
    for (const name of ['a', 'b']) void breaker.turn(store, live).then(() => order.push(name));
    await vi.advanceTimersByTimeAsync(1000 + 4000);
    expect(order).toEqual(['a', 'b']);
  });

  it('pauses only when more messages wait than are tolerated', async () => {
    const { breaker, log, dependency } = setUp();
    const registry = { ...dependency('registry'), tolerated: 1 };
    breaker.failed(registry, 'refused');
    const aborter = new AbortController();
    const first = breaker.turn(registry, live);
    const second = breaker.turn(registry, aborter.signal);
    expect(log).toEqual(['registry: refused', 'pause']);
    aborter.abort(new Error('given up'));
    await expect(second).rejects.toThrow('given up');
    expect(log).toEqual(['registry: refused', 'pause', 'resume']);
    breaker.close(new Error('stopping'));
    await expect(first).rejects.toThrow('stopping');
    await expect(breaker.turn(registry, live)).rejects.toThrow('stopping');
  });
});
