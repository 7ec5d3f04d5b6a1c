/** A queue and its workers, for {@link simulateQueue}. All in messages and seconds. */
export interface QueueModel {
  /** Messages that arrive in a second, at a time since the begin. */
  readonly arrivals: (second: number) => number;
  /** Messages a worker finishes in a second when there are enough. */
  readonly perWorker: number;
  /** How long a message takes even with nothing before it; 0 by default. Those are in hand, and count as backlog. */
  readonly serviceSeconds?: number;
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
  /** The longest that a message took from its arrival until it was finished, first in first out. */
  readonly longestWait: number;
  /** When the backlog was over for the first time after its peak, in seconds from the begin; Infinity when it was not. */
  readonly emptyAt: number;
  readonly mostWorkers: number;
}

const STEP = 0.05;
/** A backlog of less than this many seconds of what all workers do, beside what is in hand anyway, counts as none. */
export const EMPTY_SECONDS = 0.1;

/**
 * Follows a queue in small steps as a fluid: what arrives waits, workers take from its head, and more of them come as the backlog asks for
 * them. What is left out: chance, and messages that come twice.
 */
export function simulateQueue(model: QueueModel): QueueOutcome {
  const { scaling, outage, serviceSeconds = 0 } = model;
  const arrivedAt: number[] = [0];
  const serviceSteps = Math.round(serviceSeconds / STEP);
  let workers = model.workers;
  let mostWorkers = workers;
  let coming: { count: number; at: number }[] = [];
  let [arrived, done, peakBacklog, longestWait, emptyAt, head] = [0, 0, 0, 0, Number.POSITIVE_INFINITY, 0];
  for (let step = 1; step * STEP <= model.seconds; step += 1) {
    const now = step * STEP;
    const rate = model.arrivals(now - STEP);
    arrived += rate * STEP;
    arrivedAt.push(arrived);
    workers += sum(coming.filter(({ at }) => at <= now));
    coming = coming.filter(({ at }) => at > now);
    mostWorkers = Math.max(mostWorkers, workers);
    const capacity = workers * model.perWorker;
    const isOut = outage !== undefined && now > outage.from && now <= outage.to;
    // Nothing is finished before its time, nor faster than the workers are.
    const finishable = arrivedAt[step - serviceSteps] ?? 0;
    done = Math.min(Math.max(done, finishable), done + (isOut ? 0 : capacity * STEP));
    // The message at the head arrived in the first step whose sum passes what is done.
    while (head < step && (arrivedAt[head] ?? 0) <= done) head += 1;
    const backlog = arrived - done;
    if (backlog > 1e-9) longestWait = Math.max(longestWait, now - head * STEP);
    if (backlog > peakBacklog) {
      peakBacklog = backlog;
      emptyAt = Number.POSITIVE_INFINITY;
    } else if (
      emptyAt === Number.POSITIVE_INFINITY &&
      backlog <= capacity * EMPTY_SECONDS + rate * serviceSeconds
    ) {
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

/** A steady rate with more of it for a while. Messages a second, and seconds. */
export interface Burst {
  readonly base: number;
  readonly high: number;
  readonly from: number;
  readonly to: number;
}

/** The rate of a burst at a time. */
export function burst({ base, high, from, to }: Burst): (second: number) => number {
  return (second) => (second >= from && second < to ? high : base);
}

/** How many messages of a burst have come by a time, and its inverse: when the message came before which so many had. */
export function burstArrivals({ base, high, from, to }: Burst): {
  readonly arrivedBy: (second: number) => number;
  readonly cameAt: (messages: number) => number;
} {
  const [before, during] = [base * from, high * (to - from)];
  return {
    arrivedBy: (second) => base * second + (high - base) * Math.min(Math.max(second - from, 0), to - from),
    cameAt: (messages) => {
      if (messages <= before) return messages / base;
      if (messages <= before + during) return from + (messages - before) / high;
      return to + (messages - before - during) / base;
    },
  };
}
