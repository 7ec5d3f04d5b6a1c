import { setTimeout as sleep } from 'node:timers/promises';
import { startGeneratedQueue } from '../../soak/generated-queue.ts';
import { type Burst, burstArrivals, EMPTY_SECONDS } from '../queue-simulation.ts';
import { benchMessages } from './bench-messages.ts';
import { servePart } from './part.ts';

/** What the queue saw of one burst. Messages and seconds; backlogs count what the worker has in hand. */
export interface ObservedBurst extends Burst {
  /** What the worker did in a second from a queue that never emptied: the mean of before the burst and after it. */
  readonly capacity: number;
  /** How long a message took at the base rate, with nothing before it: what was there at a time, by what came in a second. */
  readonly serviceSeconds: number;
  readonly peakBacklog: number;
  readonly longestWait: number;
  readonly emptyAt: number;
}

/** Until then the worker compiles, connects, and learns its plans. */
const WARM_MESSAGES = 1_000;
const CAPACITY_SECONDS = 10;
/** At the base rate: the begin is left out of the service time, for the queue was empty before. */
const TIMES = { from: 6, to: 16, most: 90 } as const;
const BASE_FROM_SECONDS = 2;
const SHARES = { base: 0.3, high: 2 } as const;
const LOOK_MS = 20;

/**
 * A queue of uplinks of 10 points: full at first, which shows what its worker can do, then with a known burst. `burst` resolves to what became
 * of it, seen from the queue: what has arrived, and what was deleted. It can be asked again.
 */
let available = (): number => Number.POSITIVE_INFINITY;
/** Measured after the last burst, and so before the next. */
let lastCapacity: number | undefined;
const queue = await startGeneratedQueue({
  messages: Number.POSITIVE_INFINITY,
  bodyOf: benchMessages(1).bodyOf,
  available: () => available(),
});
servePart(JSON.stringify({ endpoint: queue.endpoint, queueUrl: queue.queueUrl }), { burst: observe }, () =>
  queue.close(),
);

async function observe(): Promise<ObservedBurst> {
  const before = lastCapacity ?? (await measureCapacity());
  // What was received has arrived; the rest of the full queue is gone.
  const already = queue.received();
  available = () => already;
  while (queue.deleted() < already) await sleep(LOOK_MS);
  const shape = {
    base: SHARES.base * before,
    high: SHARES.high * before,
    from: TIMES.from,
    to: TIMES.to,
  };
  const { arrivedBy, cameAt } = burstArrivals(shape);
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  available = () => already + Math.floor(arrivedBy(elapsed()));
  const there: number[] = [];
  let [peakBacklog, longestWait, emptyAt, serviceSeconds] = [0, 0, Number.POSITIVE_INFINITY, 0];
  for (let now = elapsed(); now < TIMES.most && emptyAt === Number.POSITIVE_INFINITY; now = elapsed()) {
    const done = queue.deleted() - already;
    const backlog = arrivedBy(now) - done;
    if (now > BASE_FROM_SECONDS && now < TIMES.from) there.push(backlog);
    if (now < TIMES.from) serviceSeconds = mean(there) / shape.base;
    longestWait = Math.max(longestWait, now - cameAt(done));
    peakBacklog = Math.max(peakBacklog, backlog);
    const usual = shape.base * serviceSeconds + before * EMPTY_SECONDS;
    if (now > TIMES.to && backlog <= usual) emptyAt = now;
    await sleep(LOOK_MS);
  }
  lastCapacity = await measureCapacity();
  const capacity = (before + lastCapacity) / 2;
  return { ...shape, capacity, serviceSeconds, peakBacklog, longestWait, emptyAt };
}

async function measureCapacity(): Promise<number> {
  available = () => Number.POSITIVE_INFINITY;
  const warm = queue.deleted() + WARM_MESSAGES;
  while (queue.deleted() < warm) await sleep(LOOK_MS);
  const since = performance.now();
  const seen: { readonly at: number; readonly done: number }[] = [];
  for (let at = 0; at < CAPACITY_SECONDS; at = (performance.now() - since) / 1000) {
    seen.push({ at, done: queue.deleted() });
    await sleep(LOOK_MS);
  }
  return slope(seen);
}

/** The slope of the line of least squares: work is finished by the write, and counts from one moment to another would be off by one of them. */
function slope(seen: readonly { readonly at: number; readonly done: number }[]): number {
  const [at, done] = [mean(seen.map((one) => one.at)), mean(seen.map((one) => one.done))];
  const together = seen.reduce((sum, one) => sum + (one.at - at) * (one.done - done), 0);
  return together / seen.reduce((sum, one) => sum + (one.at - at) ** 2, 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
