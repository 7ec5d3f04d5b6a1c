import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Point } from '@furrow/contracts';
import { StoreAbortedError, StoreClosedError } from '../errors.ts';
import { pointRefusal } from '../point-rules.ts';
import type { RejectedPoint, StoreEvent, WriteReport } from '../point-store.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';
import type { WriteClient } from './clients.ts';
import { encodeCall, type Target } from './encode-call.ts';
import { readFailure, setupProblem, tableName } from './errors.ts';
import { linkSignal } from './linked-signal.ts';
import { type CallPlan, planCalls } from './plan-calls.ts';
import { recordRefusal } from './record-rules.ts';
import { readRefusals } from './refusals.ts';
import { installCallSender, type SendCall } from './send-call.ts';
import { WriteTally } from './write-tally.ts';

/** How a call that failed in passing is tried again, beyond the SDK's own attempts. */
export interface RetryPolicy {
  /** How often one call is sent in all; each time the SDK makes up to three attempts of its own. */
  readonly attempts: number;
  /** Longest wait before the second sending, doubling with each further one. The actual wait is random below it. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** No sending begins later than this after the write began. */
  readonly deadlineMs: number;
}

export const RETRY_POLICY: RetryPolicy = { attempts: 4, baseMs: 300, maxMs: 5_000, deadlineMs: 20_000 };

export interface WriterOptions {
  readonly target: Target;
  /** Most requests in flight. */
  readonly writers: number;
  readonly retry: RetryPolicy;
  readonly onEvent: (event: StoreEvent) => void;
}

/** Calls in flight before the service has said anything. */
const INITIAL_WRITERS = 4;
/** Writes wait for each other; the ingest worker has one, so more than a few mean a mistake. */
const MOST_WAITING_WRITES = 64;

/** One `write` on its way: what became of its points, and why it stopped sending if it did. */
interface Run {
  readonly points: readonly Point[];
  readonly tally: WriteTally;
  /** Fires when nothing more may be sent; `stop` fires it. */
  readonly signal: AbortSignal;
  readonly stop: (reason: unknown) => void;
  readonly startedAt: number;
}

/**
 * Turns a call to `write` into `WriteRecords` calls, several at a time, and their answers into a report.
 *
 * Not a transaction: each call of up to 100 records stands alone. A call that was sent is never aborted, because what became of it
 * would be unknown; abort and `close` stop what is not sent yet. Sending a call twice is harmless: the service takes an identical
 * record again, and knows a newer one by its version.
 */
export class PointWriter {
  readonly #options: WriterOptions;
  readonly #limit: AdaptiveLimit;
  readonly #send: SendCall;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(client: WriteClient, options: WriterOptions) {
    // As many follow it as writes are under way.
    setMaxListeners(0, this.#closing.signal);
    this.#options = options;
    this.#limit = new AdaptiveLimit({
      initial: INITIAL_WRITERS,
      most: options.writers,
      mostWaiting: MOST_WAITING_WRITES,
    });
    this.#send = installCallSender(client, options.target, {
      onThrottle: (startedAt) => {
        if (!this.#limit.throttled(startedAt)) return;
        options.onEvent({ kind: 'throttled', concurrency: this.#limit.concurrency });
      },
    });
  }

  /** Requests that may be in flight now. */
  get concurrency(): number {
    return this.#limit.concurrency;
  }

  /** See the port. Rejects only when nothing was sent: `StoreAbortedError`, `StoreClosedError` or `StoreBusyError`. */
  async write(points: readonly Point[], nowMs: number, signal?: AbortSignal): Promise<WriteReport> {
    if (this.#closing.signal.aborted) throw new StoreClosedError();
    const writing = this.#write(points, nowMs, signal);
    this.#running.add(writing);
    try {
      return await writing;
    } finally {
      this.#running.delete(writing);
    }
  }

  /** Lets calls in flight finish and keeps what is not sent. */
  async close(): Promise<void> {
    this.#closing.abort(new StoreClosedError());
    await Promise.allSettled(this.#running);
  }

  async #write(
    points: readonly Point[],
    nowMs: number,
    signal: AbortSignal | undefined,
  ): Promise<WriteReport> {
    if (signal?.aborted) throw new StoreAbortedError(signal);
    const { accepted, rejected } = sortOut(points, nowMs);
    const link = linkSignal([signal, this.#closing.signal]);
    const run: Run = {
      points,
      tally: new WriteTally(rejected),
      signal: link.signal,
      stop: link.stop,
      startedAt: performance.now(),
    };
    try {
      await this.#sendInRounds(run, accepted);
    } catch (cause) {
      throw signal?.aborted ? new StoreAbortedError(signal) : cause;
    } finally {
      link.release();
    }
    return run.tally.report();
  }

  /** One round unless a point is refused that others of its key lost to: those are then sent too. */
  async #sendInRounds(run: Run, accepted: readonly number[]): Promise<void> {
    for (let round = accepted, isFirst = true; round.length > 0; round = run.tally.again, isFirst = false) {
      const { calls, losers } = planCalls(run.points, round);
      run.tally.begin(losers);
      await this.#sendAll(run, calls, isFirst);
    }
  }

  /** Sends the calls as places in flight come free. Rejects only when `mayReject` and not even the first could be sent. */
  async #sendAll(run: Run, calls: CallPlan['calls'], mayReject: boolean): Promise<void> {
    const sending: Promise<void>[] = [];
    for (const [position, call] of calls.entries()) {
      try {
        await this.#limit.acquire(run.signal);
      } catch (cause) {
        if (position === 0 && mayReject) throw cause;
        for (const unsent of calls.slice(position)) run.tally.keep(unsent, reasonOf(cause));
        break;
      }
      sending.push(this.#deliver(run, call).finally(() => this.#limit.release()));
    }
    await Promise.all(sending);
  }

  /** Sees to it that each point of a call has an outcome. What stops this call stops the write. */
  async #deliver(run: Run, call: readonly number[]): Promise<void> {
    try {
      await this.#persist(run, call);
    } catch (cause) {
      run.tally.keep(call, reasonOf(cause));
      run.stop(cause);
    }
  }

  /** Sends one call until its points have an outcome. Rejects with the reason to keep them and to send no more of this write. */
  async #persist(run: Run, call: readonly number[]): Promise<void> {
    const { attempts, deadlineMs } = this.#options.retry;
    for (let attempt = 1; ; attempt += 1) {
      const cause = await this.#attempt(run, call);
      if (cause === undefined) return;
      const failure = readFailure(cause);
      if (failure.kind === 'invalid') return this.#isolate(run, call, failure.message);
      if (failure.kind === 'denied' || failure.kind === 'missing') {
        throw new Error(setupProblem('timestream:WriteRecords', tableName(this.#options.target), failure));
      }
      const isLate = performance.now() - run.startedAt > deadlineMs;
      if (attempt >= attempts || isLate) throw new Error(`${failure.code}: ${failure.message}`);
      await this.#pause(run, attempt);
    }
  }

  /** One sending. Gives back the failure, or undefined when every point of the call has its outcome. */
  async #attempt(run: Run, call: readonly number[]): Promise<unknown> {
    const points = call.map((index) => pointAt(run.points, index));
    const body = encodeCall(this.#options.target, points);
    const startedAt = performance.now();
    try {
      await this.#send(body);
      this.#limit.succeeded();
      run.tally.stored(call);
    } catch (cause) {
      const refusals = readRefusals(cause, points);
      if (refusals === undefined) return cause;
      this.#limit.succeeded();
      run.tally.answered(call, refusals);
    } finally {
      const durationMs = performance.now() - startedAt;
      this.#options.onEvent({
        kind: 'write',
        points: call.length,
        bodyBytes: Buffer.byteLength(body),
        durationMs,
      });
    }
    return undefined;
  }

  /**
   * The service refuses a call as a whole when one of its records breaks a rule of its form. Halving finds that record, so that it
   * alone is refused and the others are stored.
   */
  async #isolate(run: Run, call: readonly number[], message: string): Promise<void> {
    const [only] = call;
    if (call.length === 1 && only !== undefined) return run.tally.rejected(only, message);
    const middle = Math.ceil(call.length / 2);
    for (const half of [call.slice(0, middle), call.slice(middle)]) {
      if (run.signal.aborted) run.tally.keep(half, reasonOf(run.signal.reason));
      else await this.#deliver(run, half);
    }
  }

  /** Waits before the next sending. The call keeps its place in flight, so that waiting is load held back. */
  async #pause(run: Run, attempt: number): Promise<void> {
    const { baseMs, maxMs } = this.#options.retry;
    const longest = Math.min(maxMs, baseMs * 2 ** (attempt - 1));
    try {
      await sleep(longest * Math.random(), undefined, { signal: run.signal });
    } catch {
      throw run.signal.reason;
    }
  }
}

function sortOut(points: readonly Point[], nowMs: number): { accepted: number[]; rejected: RejectedPoint[] } {
  const accepted: number[] = [];
  const rejected: RejectedPoint[] = [];
  points.forEach((point, index) => {
    const message = pointRefusal(point, nowMs) ?? recordRefusal(point);
    if (message === undefined) accepted.push(index);
    else rejected.push({ index, message });
  });
  return { accepted, rejected };
}

function pointAt(points: readonly Point[], index: number): Point {
  const point = points[index];
  if (point === undefined) throw new RangeError(`no point at ${index}`);
  return point;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
