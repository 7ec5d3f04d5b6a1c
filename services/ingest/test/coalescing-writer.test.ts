import { agriId, type Point } from '@furrow/contracts';
import type { WriteReport } from '@furrow/timeseries';
import { describe, expect, it, vi } from 'vitest';
import {
  CoalescingWriter,
  type CoalescingWriterOptions,
  type WriteOutcome,
} from '../src/coalescing-writer.ts';

const options: CoalescingWriterOptions = {
  maxBatchPoints: 100,
  maxDelayMs: 5,
  maxPendingPoints: 1000,
  writeTimeoutMs: 5000,
};
const ignore = (): void => {};
const live = new AbortController().signal;

function points(count: number, from = 0): Point[] {
  return Array.from({ length: count }, (_, index) => ({
    agriId: agriId('d-1-00'),
    t: from + index,
    value: index,
    version: 1,
    device: agriId('d'),
    orgId: 'o',
    projectId: 'p',
    theType: 'temp',
  }));
}

const allStored = (written: readonly Point[]): WriteReport => ({
  stored: written.length,
  alreadyStored: 0,
  rejected: [],
  keep: [],
});

/** A store whose writes end when the test says so. */
function heldStore() {
  const calls: {
    points: readonly Point[];
    end: (report: WriteReport) => void;
    fail: (error: Error) => void;
  }[] = [];
  return {
    calls,
    write: (written: readonly Point[]) =>
      new Promise<WriteReport>((resolve, reject) =>
        calls.push({ points: written, end: resolve, fail: reject }),
      ),
  };
}

describe('CoalescingWriter', () => {
  it('joins what arrives together into one write', async () => {
    const write = vi.fn(async (written: readonly Point[]) => allStored(written));
    const writer = new CoalescingWriter({ write }, options);
    const outcomes = await Promise.all([1, 2, 3].map((count) => writer.write(points(count), live, ignore)));
    expect(write.mock.calls.map(([written]) => written.length)).toEqual([6]);
    expect(outcomes.map(({ durable }) => durable)).toEqual([1, 2, 3]);
    expect(writer.pendingPoints).toBe(0);
  });

  it('begins at once when a batch is full, and never splits a message', async () => {
    const store = heldStore();
    const writer = new CoalescingWriter(store, { ...options, maxDelayMs: 60_000 });
    const outcomes = [60, 60, 30].map((count) => writer.write(points(count), live, ignore));
    await vi.waitFor(() => expect(store.calls).toHaveLength(1));
    expect(store.calls[0]?.points).toHaveLength(60);
    store.calls[0]?.end(allStored(points(60)));
    await outcomes[0];
    const flushed = writer.flush();
    await vi.waitFor(() => expect(store.calls).toHaveLength(2));
    expect(store.calls[1]?.points).toHaveLength(90);
    store.calls[1]?.end(allStored(points(90)));
    await flushed;
    expect((await Promise.all(outcomes)).map(({ durable }) => durable)).toEqual([60, 60, 30]);
  });

  it('gives every message its own part of the report', async () => {
    const store = heldStore();
    const writer = new CoalescingWriter(store, options);
    const outcomes = [3, 3, 3].map((count) => writer.write(points(count), live, ignore));
    await vi.waitFor(() => expect(store.calls).toHaveLength(1));
    store.calls[0]?.end({
      stored: 4,
      alreadyStored: 1,
      rejected: [
        { index: 1, message: 'too wide' },
        { index: 5, message: 'too long' },
      ],
      keep: [6, 8],
      keepReason: 'throttled',
    });
    expect(await Promise.all(outcomes)).toEqual([
      { durable: 2, rejected: [{ index: 1, message: 'too wide' }], kept: [], keepReason: undefined },
      { durable: 2, rejected: [{ index: 2, message: 'too long' }], kept: [], keepReason: undefined },
      { durable: 1, rejected: [], kept: [0, 2], keepReason: 'throttled' },
    ]);
  });

  it('keeps all points of a write that fails or hangs, and goes on with the next', async () => {
    const answers = [
      () => Promise.reject(new Error('disk full')),
      () => new Promise<WriteReport>(() => {}),
      () => Promise.resolve(allStored(points(1))),
    ];
    const write = () => answers.shift()?.() ?? Promise.reject(new Error('no more answers'));
    const writer = new CoalescingWriter({ write }, { ...options, writeTimeoutMs: 50 });
    const outcomes = [];
    for (const count of [2, 3, 1]) outcomes.push(await writer.write(points(count), live, ignore));
    expect(outcomes).toEqual([
      { durable: 0, rejected: [], kept: [0, 1], keepReason: 'disk full' },
      { durable: 0, rejected: [], kept: [0, 1, 2], keepReason: 'the store did not answer in time' },
      { durable: 1, rejected: [], kept: [], keepReason: undefined },
    ]);
  });

  it('holds callers back when too much is pending, and lets a large message in alone', async () => {
    const store = heldStore();
    const writer = new CoalescingWriter(store, {
      ...options,
      maxPendingPoints: 10,
      maxBatchPoints: 10,
      maxDelayMs: 0,
    });
    const outcomes = [8, 5, 25].map((count) => writer.write(points(count), live, ignore));
    for (const [index, size] of [8, 5, 25].entries()) {
      await vi.waitFor(() => expect(store.calls).toHaveLength(index + 1));
      expect(store.calls[index]?.points).toHaveLength(size);
      expect(writer.pendingPoints).toBe(size);
      store.calls[index]?.end(allStored(points(size)));
      await outcomes[index];
    }
    expect(writer.pendingPoints).toBe(0);
  });

  it('keeps back a message that was given up while it waited for room', async () => {
    const store = heldStore();
    const writer = new CoalescingWriter(store, { ...options, maxPendingPoints: 10, maxDelayMs: 0 });
    const first = writer.write(points(10), live, ignore);
    const aborter = new AbortController();
    const second = writer.write(points(5), aborter.signal, ignore);
    aborter.abort();
    await vi.waitFor(() => expect(store.calls).toHaveLength(1));
    store.calls[0]?.end(allStored(points(10)));
    await first;
    expect(await second).toMatchObject({ durable: 0, kept: [0, 1, 2, 3, 4] });
    expect(writer.pendingPoints).toBe(0);
    expect(store.calls).toHaveLength(1);
  });

  it('tells a caller its outcome in the same turn as the report of the whole write', async () => {
    const order: string[] = [];
    const writer = new CoalescingWriter(
      { write: async (written) => allStored(written) },
      { ...options, onWrite: () => queueMicrotask(() => order.push('later')) },
    );
    await writer.write(points(1), live, (_: WriteOutcome) => order.push('outcome'));
    expect(order[0]).toBe('outcome');
  });
});
