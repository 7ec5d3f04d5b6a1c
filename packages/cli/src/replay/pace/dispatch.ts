/** Time as a replay needs it, so that a test can have its own. Milliseconds from any fixed moment. */
export interface Clock {
  now(): number;
  /** Resolves after the time, or when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** From here on a send counts as late: below it lie the grains of timers. */
export const LATE_MS = 20;

/** One send. */
export interface Dispatched<Job> {
  readonly job: Job;
  /** When it was due, by the clock; when nothing was due, when it was sent. */
  readonly dueAt: number;
  readonly late: boolean;
}

export interface DispatchOptions<Job> {
  /** What to send, in order, each with when it is due in milliseconds since the start; undefined means at once. */
  readonly jobs: AsyncIterable<{ readonly job: Job; readonly dueMs: number | undefined }>;
  /** Sends at a time. */
  readonly connections: number;
  readonly clock: Clock;
  /** Sends one; resolves when it has its answer. A rejection ends the dispatch. */
  readonly send: (dispatched: Dispatched<Job>) => Promise<void>;
  /** Ends it early: nothing more is sent, and what is under way is waited for. */
  readonly signal: AbortSignal;
}

/**
 * Sends jobs when they are due. It is an open loop: an answer that takes long delays no due time, and a send that had to wait for a free
 * connection counts as late and is measured from when it was due. Resolves when every answer is there; rejects with the first error.
 */
export async function dispatch<Job>(options: DispatchOptions<Job>): Promise<void> {
  const { clock, connections, signal } = options;
  const started = clock.now();
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;
  for await (const { job, dueMs } of options.jobs) {
    const wait = dueMs === undefined ? 0 : dueMs - (clock.now() - started);
    if (wait > 0) await clock.sleep(wait, signal);
    while (underWay.size >= connections) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (signal.aborted || failure) break;
    const sentAt = clock.now();
    const dueAt = dueMs === undefined ? sentAt : started + dueMs;
    const late = sentAt - dueAt > LATE_MS;
    const sending = options
      .send({ job, dueAt, late })
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        underWay.delete(sending);
        wake?.();
      });
    underWay.add(sending);
  }
  await Promise.all(underWay);
  if (failure) throw failure.error;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done);
    }),
};
