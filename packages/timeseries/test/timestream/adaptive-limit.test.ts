import { StoreBusyError } from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';
import { AdaptiveLimit } from '../../src/timestream/adaptive-limit.ts';

function limitAt(initial: number, most = 32) {
  const clock = { now: 0 };
  const limit = new AdaptiveLimit({ initial, most, mostWaiting: 3 }, () => clock.now);
  return { limit, clock };
}

/** Takes as many places as there are, and gives them all back as successes. */
async function fullRound(limit: AdaptiveLimit): Promise<void> {
  const places = limit.concurrency;
  for (let i = 0; i < places; i += 1) await limit.acquire();
  for (let i = 0; i < places; i += 1) {
    limit.succeeded();
    limit.release();
    if (i < places - 1) await limit.acquire();
  }
  for (let i = 0; i < places - 1; i += 1) limit.release();
}

describe('AdaptiveLimit', () => {
  it('grows by about one a round while it is used up, never above its most', async () => {
    const { limit } = limitAt(4, 8);
    const seen: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      await fullRound(limit);
      seen.push(limit.concurrency);
    }
    expect(seen[0]).toBeLessThanOrEqual(5);
    expect(seen.at(-1)).toBe(8);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('does not grow while places are free', async () => {
    const { limit } = limitAt(4);
    for (let i = 0; i < 100; i += 1) {
      await limit.acquire();
      limit.succeeded();
      limit.release();
    }
    expect(limit.concurrency).toBe(4);
  });

  it('shrinks once for all throttles of one moment, and never below one', () => {
    const { limit, clock } = limitAt(16);
    clock.now = 10;
    expect([5, 6, 7].map((startedAt) => limit.throttled(startedAt))).toEqual([true, false, false]);
    expect(limit.concurrency).toBe(12);
    for (clock.now = 11; clock.now < 100; clock.now += 1) limit.throttled(clock.now);
    expect(limit.concurrency).toBe(1);
  });

  it('serves in order of arrival, and turns away who would wait too long', async () => {
    const { limit } = limitAt(1);
    await limit.acquire();
    const order: number[] = [];
    const waiting = [1, 2, 3].map((n) => limit.acquire().then(() => order.push(n)));
    await expect(limit.acquire()).rejects.toThrow(StoreBusyError);
    for (const waiter of waiting) {
      limit.release();
      await waiter;
    }
    expect(order).toEqual([1, 2, 3]);
  });

  it('forgets who stops waiting', async () => {
    const { limit } = limitAt(1);
    await limit.acquire();
    const controller = new AbortController();
    const left = limit.acquire(controller.signal);
    const stays = limit.acquire();
    controller.abort(new Error('enough'));
    await expect(left).rejects.toThrow('enough');
    limit.release();
    await expect(stays).resolves.toBeUndefined();
    await expect(limit.acquire(controller.signal)).rejects.toThrow('enough');
  });
});
