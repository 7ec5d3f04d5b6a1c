import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Shutdown } from '../src/index.ts';

function setUp(deadlineMs = 5000) {
  const done: string[] = [];
  const signals = new EventEmitter();
  let onExit: (code: number) => void = () => {};
  const exited = new Promise<number>((resolve) => {
    onExit = resolve;
  });
  const shutdown = new Shutdown({ logger: pino({ level: 'silent' }), deadlineMs, signals, exit: onExit });
  const step = (name: string, run: () => Promise<void> = async () => {}) =>
    shutdown.before(name, async () => {
      await run();
      done.push(name);
    });
  return { shutdown, signals, exited, done, step };
}

describe('Shutdown', () => {
  it('closes what was opened last first, then exits with 0', async () => {
    const { shutdown, signals, exited, done, step } = setUp();
    step('store');
    step('writer');
    step('intake');
    shutdown.listen();
    signals.emit('SIGTERM', 'SIGTERM');
    expect(await exited).toBe(0);
    expect(done).toEqual(['intake', 'writer', 'store']);
  });

  it('goes on after a step that fails, and exits with 1', async () => {
    const { shutdown, done, step } = setUp();
    step('store');
    step('writer', async () => {
      throw new Error('flush failed');
    });
    expect(await shutdown.run()).toBe(1);
    expect(done).toEqual(['store']);
  });

  it('gives up at the deadline with 1', async () => {
    const { shutdown, done, step } = setUp(20);
    step('store');
    step('writer', () => new Promise(() => {}));
    expect(await shutdown.run()).toBe(1);
    expect(done).toEqual([]);
  });

  it('runs its steps once, however often it is asked', async () => {
    const { shutdown, done, step } = setUp();
    step('store');
    await Promise.all([shutdown.run(), shutdown.run()]);
    expect(done).toEqual(['store']);
  });

  it('exits at once at a second signal', async () => {
    const { shutdown, signals, exited, step } = setUp();
    step('writer', () => new Promise(() => {}));
    shutdown.listen();
    signals.emit('SIGINT', 'SIGINT');
    signals.emit('SIGINT', 'SIGINT');
    expect(await exited).toBe(130);
  });

  it('stops listening when asked to', () => {
    const { shutdown, signals } = setUp();
    shutdown.listen()();
    expect(signals.listenerCount('SIGTERM')).toBe(0);
  });
});
