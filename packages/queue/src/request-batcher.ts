import { type AwsFailure, readAwsFailure } from './aws-failure.ts';
import { type BackoffPolicy, backoffMs } from './backoff.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from './sqs-limits.ts';
import { untilAborted } from './until-aborted.ts';

/** One entry of a batch that was not accepted: its position in the batch, and why. */
export interface RejectedEntry {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  /** True when the entry may be accepted later (`SenderFault` false). */
  readonly retryable: boolean;
}

/** Why an entry was given up. */
export interface EntryFailure {
  readonly code: string;
  readonly message: string;
  /** False when SQS refused the entry for good; true when the attempts were used up. */
  readonly retryable: boolean;
  readonly attempts: number;
  /** What the SDK rejected with, when the request as a whole failed. */
  readonly cause: unknown;
}

export type EntryResult = { readonly ok: true } | { readonly ok: false; readonly failure: EntryFailure };

export interface RequestBatcherOptions<Entry> {
  /** Sends 1 to 10 entries in one request and names those that were not accepted; throws when the request failed as a whole. */
  readonly request: (entries: readonly Entry[], signal: AbortSignal) => Promise<readonly RejectedEntry[]>;
  /** Bytes an entry adds to a batch; batches stay within 1 MiB. Nothing by default. */
  readonly bytesOf?: (entry: Entry) => number;
  /** How long an entry waits for others to share its request. */
  readonly lingerMs: number;
  /** Requests at a time. */
  readonly maxInFlight: number;
  /** How often an entry is tried in all. */
  readonly maxAttempts: number;
  readonly requestTimeoutMs: number;
  readonly backoff: BackoffPolicy;
}

type Refused = Pick<AwsFailure, 'code' | 'message' | 'retryable'>;

interface Job<Entry> {
  readonly entry: Entry;
  readonly bytes: number;
  readonly settle: (result: EntryResult) => void;
  attempts: number;
}

/**
 * Gathers entries into batch requests and gives each entry its own result: what SQS did not accept is tried again, alone of its
 * batch, with exponential waits. Entries go out in order; a repeated one goes first.
 */
export class RequestBatcher<Entry> {
  readonly #options: RequestBatcherOptions<Entry>;
  readonly #requests = new Set<AbortController>();
  readonly #backingOff = new Map<NodeJS.Timeout, readonly Job<Entry>[]>();
  #waiting: Job<Entry>[] = [];
  #waitingBytes = 0;
  #due = false;
  #linger: NodeJS.Timeout | undefined;
  #idleWaiters: (() => void)[] = [];
  #abortReason: Error | undefined;

  constructor(options: RequestBatcherOptions<Entry>) {
    this.#options = options;
  }

  /** Resolves when the entry is accepted or given up; never rejects. After `abort` every entry is given up at once. */
  add(entry: Entry): Promise<EntryResult> {
    return new Promise((settle) => {
      const job = { entry, bytes: this.#options.bytesOf?.(entry) ?? 0, settle, attempts: 0 };
      if (this.#abortReason) return giveUp([job], this.#abortReason);
      this.#waiting.push(job);
      this.#waitingBytes += job.bytes;
      this.#pump();
    });
  }

  /** Sends what waits without lingering; resolves when every entry that was added has its result. */
  async drain(): Promise<void> {
    this.#due = true;
    this.#pump();
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Gives up everything that waits and cancels the requests in flight. `reason` becomes the failures' cause. */
  abort(reason: Error): void {
    if (this.#abortReason) return;
    this.#abortReason = reason;
    for (const controller of this.#requests) controller.abort(reason);
    for (const [timer, jobs] of this.#backingOff) {
      clearTimeout(timer);
      giveUp(jobs, reason);
    }
    this.#backingOff.clear();
    giveUp(this.#waiting.splice(0), reason);
    this.#waitingBytes = 0;
    this.#stopLinger();
    this.#tellIfIdle();
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#requests.size < this.#options.maxInFlight) {
      if (!this.#due && !this.#isFull()) break;
      void this.#send(this.#takeBatch());
    }
    if (this.#waiting.length === 0) {
      this.#due = false;
      this.#stopLinger();
    } else if (!this.#due && this.#linger === undefined) {
      this.#linger = setTimeout(() => {
        this.#linger = undefined;
        this.#due = true;
        this.#pump();
      }, this.#options.lingerMs);
    }
  }

  #isFull(): boolean {
    return this.#waiting.length >= MAX_BATCH_ENTRIES || this.#waitingBytes >= MAX_BATCH_BYTES;
  }

  #takeBatch(): readonly Job<Entry>[] {
    let bytes = 0;
    let count = 0;
    for (const job of this.#waiting) {
      if (count === MAX_BATCH_ENTRIES || (count > 0 && bytes + job.bytes > MAX_BATCH_BYTES)) break;
      bytes += job.bytes;
      count += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #send(jobs: readonly Job<Entry>[]): Promise<void> {
    const { request, requestTimeoutMs } = this.#options;
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(timeoutError(requestTimeoutMs)), requestTimeoutMs);
    this.#requests.add(controller);
    try {
      const entries = jobs.map((job) => job.entry);
      const rejected = await untilAborted(request(entries, controller.signal), controller.signal);
      this.#settleBatch(jobs, rejected);
    } catch (error) {
      this.#failBatch(jobs, error);
    } finally {
      clearTimeout(timer);
      this.#requests.delete(controller);
      this.#pump();
      this.#tellIfIdle();
    }
  }

  #settleBatch(jobs: readonly Job<Entry>[], rejected: readonly RejectedEntry[]): void {
    const byIndex = new Map(rejected.map((entry) => [entry.index, entry]));
    const again: Job<Entry>[] = [];
    jobs.forEach((job, index) => {
      const rejection = byIndex.get(index);
      if (!rejection) job.settle({ ok: true });
      else if (this.#mayRepeat(job, rejection, undefined)) again.push(job);
    });
    this.#repeatLater(again);
  }

  #failBatch(jobs: readonly Job<Entry>[], error: unknown): void {
    const failure = readAwsFailure(error);
    this.#repeatLater(jobs.filter((job) => this.#mayRepeat(job, failure, error)));
  }

  /** Counts a failed attempt. True when the entry deserves another one; otherwise it is given up here. */
  #mayRepeat(job: Job<Entry>, failure: Refused, cause: unknown): boolean {
    job.attempts += 1;
    const { code, message, retryable } = failure;
    if (retryable && !this.#abortReason && job.attempts < this.#options.maxAttempts) return true;
    job.settle({ ok: false, failure: { code, message, retryable, attempts: job.attempts, cause } });
    return false;
  }

  #repeatLater(jobs: readonly Job<Entry>[]): void {
    const [first] = jobs;
    if (!first) return;
    const timer = setTimeout(
      () => {
        this.#backingOff.delete(timer);
        this.#waiting.unshift(...jobs);
        for (const job of jobs) this.#waitingBytes += job.bytes;
        this.#due = true;
        this.#pump();
      },
      backoffMs(this.#options.backoff, first.attempts),
    );
    this.#backingOff.set(timer, jobs);
  }

  #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#requests.size === 0 && this.#backingOff.size === 0;
  }

  #tellIfIdle(): void {
    if (!this.#isIdle()) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  #stopLinger(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
  }
}

function timeoutError(timeoutMs: number): Error {
  return new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError');
}

function giveUp<Entry>(jobs: readonly Job<Entry>[], reason: unknown): void {
  const message = reason instanceof Error ? reason.message : String(reason);
  for (const job of jobs) {
    job.settle({
      ok: false,
      failure: { code: 'Aborted', message, retryable: true, attempts: job.attempts, cause: reason },
    });
  }
}
