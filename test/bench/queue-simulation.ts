/** A queue and its workers, for {@link simulateQueue}. All in messages and seconds. */
export interface QueueModel {
  /** Messages that arrive in a second, at a time since the begin. */
  readonly arrivals: (second: number) => number;
  /** Messages a worker finishes in a second when there are enough. */
  readonly perWorker: number;
  readonly workers: number;
  /** More workers when the backlog of each is above `backlogPerWorker` at a look, ready `startSeconds` later; never fewer. */
  readonly scaling?: {
    readonly most: number;
    readonly backlogPerWorker: number;
    readonly lookSeconds: number;
    readonly startSeconds: number;
  };
  /** Time that workers do nothing: a store that is out. */
  readonly outage?: { readonly from: number; readonly to: number };
  readonly seconds: number;
}

/** What a queue went through. */
export interface QueueOutcome {
  readonly peakBacklog: number;
  /** The longest that a message waited, first in first out. */
  readonly longestWait: number;
  /** When the backlog was over for the first time after its peak, in seconds from the begin; Infinity when it was not. */
  readonly emptyAt: number;
  readonly mostWorkers: number;
}

const STEP = 0.05;
/** A backlog of less than this many seconds of what all workers do counts as none: messages in hand are some of it. */
const EMPTY_SECONDS = 0.1;

/**
 * Follows a queue in small steps as a fluid: what arrives waits, workers take from its head, and more of them come as the backlog asks for
 * them. What is left out: chance, messages that come twice, and the time that a message itself takes.
 */
export function simulateQueue(model: QueueModel): QueueOutcome {
  const { scaling, outage } = model;
  const arrivedAt: number[] = [0];
  let workers = model.workers;
  let mostWorkers = workers;
  let coming: { count: number; at: number }[] = [];
  let [arrived, done, peakBacklog, longestWait, emptyAt, head] = [0, 0, 0, 0, Number.POSITIVE_INFINITY, 0];
  for (let step = 1; step * STEP <= model.seconds; step += 1) {
    const now = step * STEP;
    arrived += model.arrivals(now - STEP) * STEP;
    arrivedAt.push(arrived);
    workers += sum(coming.filter(({ at }) => at <= now));
    coming = coming.filter(({ at }) => at > now);
    mostWorkers = Math.max(mostWorkers, workers);
    const isOut = outage !== undefined && now > outage.from && now <= outage.to;
    done = Math.min(arrived, done + (isOut ? 0 : workers * model.perWorker * STEP));
    // The message at the head arrived in the first step whose sum passes what is done.
    while (head < step && (arrivedAt[head] ?? 0) <= done) head += 1;
    const backlog = arrived - done;
    if (backlog > 1e-9) longestWait = Math.max(longestWait, now - head * STEP);
    if (backlog > peakBacklog) {
      peakBacklog = backlog;
      emptyAt = Number.POSITIVE_INFINITY;
    } else if (emptyAt === Number.POSITIVE_INFINITY && backlog <= workers * model.perWorker * EMPTY_SECONDS) {
      emptyAt = now;
    }
    if (scaling === undefined || step % Math.round(scaling.lookSeconds / STEP) !== 0) continue;
    const wanted = Math.min(scaling.most, Math.ceil(backlog / scaling.backlogPerWorker));
    const more = wanted - workers - sum(coming);
    if (more > 0) coming.push({ count: more, at: now + scaling.startSeconds });
  }
  return { peakBacklog, longestWait, emptyAt, mostWorkers };
}

function sum(workers: readonly { readonly count: number }[]): number {
  return workers.reduce((total, { count }) => total + count, 0);
}

/** A steady rate with more of it for a while. */
export function burst(options: {
  readonly base: number;
  readonly high: number;
  readonly from: number;
  readonly to: number;
}): (second: number) => number {
  return (second) => (second >= options.from && second < options.to ? options.high : options.base);
}
