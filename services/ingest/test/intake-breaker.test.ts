import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Dependency, IntakeBreaker } from '../src/intake-breaker.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

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
    breaker.close();
    store.down = false;
    await vi.advanceTimersByTimeAsync(60_000);
    breaker.failed(store, 'refused');
    expect(store.probes).toBe(0);
    expect(log).toEqual(['pause', 'store: refused']);
  });
});
