import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RejectedEntry, RequestBatcher, type RequestBatcherOptions } from '../src/request-batcher.ts';
import { awsError } from './fixtures/faults.ts';

const MIB = 1_048_576;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function batcherOf(
  request: (entries: readonly number[], call: number) => Promise<readonly RejectedEntry[]>,
  options: Partial<RequestBatcherOptions<number>> = {},
) {
  const calls: (readonly number[])[] = [];
  const batcher = new RequestBatcher<number>({
    request: (entries) => {
      calls.push(entries);
      return request(entries, calls.length);
    },
    lingerMs: 5,
    maxInFlight: 2,
    maxAttempts: 3,
    requestTimeoutMs: 1_000,
    backoff: { baseMs: 100, maxMs: 1_000 },
    ...options,
  });
  const results = (entries: readonly number[]) => Promise.all(entries.map((entry) => batcher.add(entry)));
  return { batcher, calls, results };
}

const accept = async () => [];
const refuse = (index: number, retryable: boolean): RejectedEntry => ({
  index,
  code: 'OnPurpose',
  message: 'on purpose',
  retryable,
});
const count = (length: number) => Array.from({ length }, (_, index) => index);

describe('RequestBatcher', () => {
  it('gathers entries for a few milliseconds', async () => {
    const { calls, results } = batcherOf(accept);
    const all = results([1, 2, 3]);
    await vi.advanceTimersByTimeAsync(4);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toEqual([[1, 2, 3]]);
    expect(await all).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
  });

  it('sends ten at once without waiting, the rest after the linger', async () => {
    const { calls, results } = batcherOf(accept);
    const all = results(count(12));
    expect(calls).toEqual([count(10)]);
    await vi.runAllTimersAsync();
    await all;
    expect(calls).toEqual([count(10), [10, 11]]);
  });

  it('keeps a batch within 1 MiB', async () => {
    const { calls, results } = batcherOf(accept, { bytesOf: (entry) => entry });
    const all = results([MIB, 600_000, 400_000, 100_000]);
    await vi.runAllTimersAsync();
    await all;
    expect(calls).toEqual([[MIB], [600_000, 400_000], [100_000]]);
  });

  it('has at most maxInFlight requests under way', async () => {
    const answers: (() => void)[] = [];
    const { calls, results } = batcherOf(() => new Promise((resolve) => answers.push(() => resolve([]))));
    const all = results(count(40));
    await vi.advanceTimersByTimeAsync(50);
    expect(calls).toHaveLength(2);
    answers.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toHaveLength(3);
    for (let answer = answers.shift(); answer; answer = answers.shift()) {
      answer();
      await vi.advanceTimersByTimeAsync(0);
    }
    expect((await all).every((result) => result.ok)).toBe(true);
    expect(calls).toHaveLength(4);
  });

  it('tries again what was not accepted, and only that', async () => {
    const { calls, results } = batcherOf(async (_, call) => (call === 1 ? [refuse(1, true)] : []));
    const all = results([7, 8, 9]);
    await vi.runAllTimersAsync();
    expect(await all).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    expect(calls).toEqual([[7, 8, 9], [8]]);
  });

  it('gives an entry up after maxAttempts', async () => {
    const { calls, results } = batcherOf(async () => [refuse(0, true)]);
    const all = results([7]);
    await vi.runAllTimersAsync();
    expect(await all).toMatchObject([
      { ok: false, failure: { code: 'OnPurpose', attempts: 3, retryable: true } },
    ]);
    expect(calls).toHaveLength(3);
  });

  it("does not repeat a sender's fault", async () => {
    const { calls, results } = batcherOf(async () => [refuse(0, false)]);
    const all = results([7, 8]);
    await vi.runAllTimersAsync();
    expect(await all).toMatchObject([
      { ok: false, failure: { attempts: 1, retryable: false } },
      { ok: true },
    ]);
    expect(calls).toHaveLength(1);
  });

  it.each([
    ['a throttle', awsError('RequestThrottled', 400), 2],
    ['a server error', awsError('InternalError', 500), 2],
    ['a broken connection', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 2],
    ['a missing permission', awsError('AccessDenied', 403), 1],
  ])('repeats a request that failed by %s only if that can help', async (_, error, attempts) => {
    const { calls, results } = batcherOf(async (_entries, call) => {
      if (call === 1) throw error;
      return [];
    });
    const all = results([7, 8]);
    await vi.runAllTimersAsync();
    const ok = attempts === 2;
    expect((await all).map((result) => result.ok)).toEqual([ok, ok]);
    expect(calls).toHaveLength(attempts);
  });

  it('gives up a request that hangs, and repeats it', async () => {
    const { results, calls } = batcherOf((_, call) => (call === 1 ? new Promise(() => {}) : accept()));
    const all = results([7]);
    await vi.advanceTimersByTimeAsync(1_005);
    expect(calls).toHaveLength(1);
    await vi.runAllTimersAsync();
    expect(await all).toEqual([{ ok: true }]);
  });

  it('drains without lingering, repetitions included', async () => {
    const { batcher, results, calls } = batcherOf(async (_, call) => (call === 1 ? [refuse(0, true)] : []));
    const all = results([7]);
    const drained = batcher.drain();
    expect(calls).toHaveLength(1);
    await vi.runAllTimersAsync();
    await drained;
    expect(await all).toEqual([{ ok: true }]);
    await batcher.drain();
  });

  it('settles everything when aborted: waiting, under way, backing off, and what comes later', async () => {
    const { batcher, results } = batcherOf(
      async (_, call) => (call === 1 ? [refuse(0, true)] : new Promise(() => {})),
      { maxInFlight: 1 },
    );
    const first = results([1]);
    await vi.advanceTimersByTimeAsync(5);
    const second = results([2]);
    await vi.advanceTimersByTimeAsync(5);
    const third = results([3]);
    batcher.abort(new Error('over'));
    const failures = await Promise.all([first, second, third, results([4])]);
    expect(failures.flat().map((result) => result.ok || result.failure.message)).toEqual(
      Array.from({ length: 4 }, () => 'over'),
    );
    expect(vi.getTimerCount()).toBe(0);
  });
});
