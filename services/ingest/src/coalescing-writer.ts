import type { Point } from '@furrow/contracts';
import { activeSpan, inSpan, type SpanLink } from '@furrow/runtime';
import type { PointStore, WriteReport } from '@furrow/timeseries';

export interface CoalescingWriterOptions {
  /** A write is begun when this many points wait… */
  readonly maxBatchPoints: number;
  /** …or when the first of them has waited this long. */
  readonly maxDelayMs: number;
  /** Most points waiting or being written at once; further callers wait for room. A larger message is let in alone. */
  readonly maxPendingPoints: number;
  /** A write that takes longer is aborted, and its points are kept for a later try. */
  readonly writeTimeoutMs: number;
  readonly onWrite?: (write: WriteObservation) => void;
}

/** One call of the store, for the ledger, metrics and logs. */
export interface WriteObservation {
  readonly points: number;
  readonly stored: number;
  readonly alreadyStored: number;
  readonly durationMs: number;
  /** Why points were kept back, when some were. */
  readonly failure: string | undefined;
}

/** What became of one caller's points. Every point handed in is durable, rejected or kept. */
export interface WriteOutcome {
  /** How many are in the store now, by this write or an earlier one. */
  readonly durable: number;
  /** Indices into the caller's points that the store refused for good, with its reason. */
  readonly rejected: readonly { readonly index: number; readonly message: string }[];
  /** Indices into the caller's points that could not be written now. */
  readonly kept: readonly number[];
  /** Why, when `kept` is not empty. */
  readonly keepReason: string | undefined;
}

interface Job {
  readonly points: readonly Point[];
  readonly settle: (outcome: WriteOutcome) => void;
  readonly queuedAt: number;
  /** The span of the message that its points come from, when it is traced. */
  readonly link: SpanLink | undefined;
}

/**
 * Joins the points of many messages into few writes of the store. One write is under way at a time; what arrives meanwhile
 * goes into the next. A job's points are never split over two writes, so a message has one outcome.
 */
export class CoalescingWriter {
  readonly #store: Pick<PointStore, 'write'>;
  readonly #options: CoalescingWriterOptions;
  readonly #waiting: Job[] = [];
  readonly #forRoom: { readonly points: number; readonly resolve: () => void }[] = [];
  #pendingPoints = 0;
  #waitingPoints = 0;
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  #draining = false;
  #idle: (() => void)[] = [];

  constructor(store: Pick<PointStore, 'write'>, options: CoalescingWriterOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Points that wait or are being written now. */
  get pendingPoints(): number {
    return this.#pendingPoints;
  }

  /**
   * Resolves when every point is durable, refused, or kept back; never rejects. An aborted signal keeps back what has not begun.
   * `onOutcome` is called for what was written, in the same turn as `onWrite`: two counts of the same points never disagree.
   */
  async write(
    points: readonly Point[],
    signal: AbortSignal,
    onOutcome: (outcome: WriteOutcome) => void,
  ): Promise<WriteOutcome> {
    if (points.length === 0) return { durable: 0, rejected: [], kept: [], keepReason: undefined };
    await this.#room(points.length);
    if (signal.aborted) {
      this.#release(points.length);
      return allKept(points, 'the message was given up before its points were written');
    }
    return new Promise((resolve) => {
      const settle = (outcome: WriteOutcome): void => {
        onOutcome(outcome);
        resolve(outcome);
      };
      this.#waiting.push({ points, settle, queuedAt: performance.now(), link: activeSpan() });
      this.#waitingPoints += points.length;
      this.#schedule();
    });
  }

  /** The store is out: gives back all points whose write has not begun, so that their callers can wait without asking it. */
  keepBack(reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const jobs = this.#waiting.splice(0);
    this.#waitingPoints = 0;
    for (const { points, settle } of jobs) settle(allKept(points, reason));
    for (const { points } of jobs) this.#release(points.length);
  }

  /** For the end: from now on no point waits for company. Resolves when nothing is pending. */
  async flush(): Promise<void> {
    this.#draining = true;
    this.#schedule();
    if (this.#pendingPoints === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  /** Takes room for `points`, in the order of the callers. */
  async #room(points: number): Promise<void> {
    if (this.#forRoom.length > 0 || !this.#fits(points)) {
      await new Promise<void>((resolve) => {
        this.#forRoom.push({ points, resolve });
      });
      return;
    }
    this.#pendingPoints += points;
  }

  #fits(points: number): boolean {
    return this.#pendingPoints === 0 || this.#pendingPoints + points <= this.#options.maxPendingPoints;
  }

  #schedule(): void {
    if (this.#writing || this.#waiting.length === 0) return;
    const [first] = this.#waiting;
    const waitedMs = first ? performance.now() - first.queuedAt : 0;
    const delayMs = this.#options.maxDelayMs - waitedMs;
    if (this.#draining || this.#waitingPoints >= this.#options.maxBatchPoints || delayMs <= 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      void this.#writeNext();
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#schedule();
      }, Math.ceil(delayMs));
    }
  }

  async #writeNext(): Promise<void> {
    this.#writing = true;
    const jobs = this.#take();
    const points = jobs.flatMap((job) => job.points);
    const startedAt = performance.now();
    const links = jobs.flatMap(({ link }) => (link ? [link] : []));
    const report = await inSpan(
      'store.write',
      { kind: 'client', links, attributes: { points: points.length } },
      () => this.#writeToStore(points),
    );
    const { stored, alreadyStored, keepReason } = report;
    this.#options.onWrite?.({
      points: points.length,
      stored,
      alreadyStored,
      durationMs: performance.now() - startedAt,
      failure: report.keep.length > 0 ? (keepReason ?? 'the store kept points back') : undefined,
    });
    this.#writing = false;
    share(jobs, report);
    this.#release(points.length);
    this.#schedule();
  }

  /** The next jobs, up to the size of a batch; at least one. */
  #take(): Job[] {
    let points = 0;
    let count = 0;
    for (const job of this.#waiting) {
      if (count > 0 && points + job.points.length > this.#options.maxBatchPoints) break;
      points += job.points.length;
      count += 1;
    }
    this.#waitingPoints -= points;
    return this.#waiting.splice(0, count);
  }

  /** A store that fails or hangs has kept every point back. */
  async #writeToStore(points: readonly Point[]): Promise<WriteReport> {
    const timeout = AbortSignal.timeout(this.#options.writeTimeoutMs);
    try {
      return await Promise.race([this.#store.write(points, timeout), rejectOnAbort(timeout)]);
    } catch (error) {
      const keepReason = error instanceof Error ? error.message : String(error);
      return { stored: 0, alreadyStored: 0, rejected: [], keep: points.map((_, index) => index), keepReason };
    }
  }

  #release(points: number): void {
    this.#pendingPoints -= points;
    for (let next = this.#forRoom[0]; next && this.#fits(next.points); next = this.#forRoom[0]) {
      this.#pendingPoints += next.points;
      this.#forRoom.shift();
      next.resolve();
    }
    if (this.#pendingPoints === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** Gives every job its part of the report, in the order in which their points were written. */
function share(jobs: readonly Job[], report: WriteReport): void {
  const kept = new Set(report.keep);
  const refused = new Map(report.rejected.map(({ index, message }) => [index, message]));
  const keepReason = kept.size > 0 ? (report.keepReason ?? 'the store kept points back') : undefined;
  let offset = 0;
  for (const job of jobs) {
    const indices = kept.size + refused.size === 0 ? [] : job.points.map((_, index) => index);
    const start = offset;
    const rejected = indices.flatMap((index) => {
      const message = refused.get(start + index);
      return message === undefined ? [] : [{ index, message }];
    });
    const keptHere = indices.filter((index) => kept.has(start + index));
    const durable = job.points.length - rejected.length - keptHere.length;
    job.settle({
      durable,
      rejected,
      kept: keptHere,
      keepReason: keptHere.length > 0 ? keepReason : undefined,
    });
    offset += job.points.length;
  }
}

function allKept(points: readonly Point[], keepReason: string): WriteOutcome {
  return { durable: 0, rejected: [], kept: points.map((_, index) => index), keepReason };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the store did not answer in time')), {
      once: true,
    });
  });
}
