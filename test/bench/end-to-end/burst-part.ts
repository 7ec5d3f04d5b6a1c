import { setTimeout as sleep } from 'node:timers/promises';
import { startGeneratedQueue } from '../../soak/generated-queue.ts';
import { type Burst, burstArrivals, EMPTY_SECONDS } from '../queue-simulation.ts';
import { benchMessages } from './bench-messages.ts';
import { servePart } from './part.ts';

/** What the queue saw of one burst. Messages and seconds; backlogs count what the worker has in hand. */
export interface ObservedBurst extends Burst {
  /** What the worker did in a second before the burst, from a queue that never emptied. */
  readonly capacity: number;
  /** How long a message took at the base rate, with nothing before it: what was there at a time, by what came in a second. */
  readonly serviceSeconds: number;
  readonly peakBacklog: number;
  readonly longestWait: number;
  readonly emptyAt: number;
}

/** Until then the worker compiles, connects, and learns its plans. */
const WARM_MESSAGES = 2_000;
const CAPACITY_SECONDS = 8;
/** At the base rate: the begin is left out of the service time, for the queue was empty before. */
const TIMES = { from: 6, to: 11, most: 60 } as const;
const BASE_FROM_SECONDS = 2;
const SHARES = { base: 0.3, high: 2 } as const;
const LOOK_MS = 20;

/**
 * A queue of uplinks of 10 points: full at first, which shows what its worker can do, then with a known burst. `burst` resolves to what became
 * of it, seen from the queue: what has arrived, and what was deleted. It can be asked again.
 */
let available = (): number => Number.POSITIVE_INFINITY;
const queue = await startGeneratedQueue({
  messages: Number.POSITIVE_INFINITY,
  bodyOf: benchMessages(1).bodyOf,
  available: () => available(),
});
servePart(JSON.stringify({ endpoint: queue.endpoint, queueUrl: queue.queueUrl }), { burst: observe }, () =>
  queue.close(),
);

async function observe(): Promise<ObservedBurst> {
  const capacity = await measureCapacity();
  // What was received has arrived; the rest of the full queue is gone.
  const already = queue.received();
  available = () => already;
  while (queue.deleted() < already) await sleep(LOOK_MS);
  const shape = {
    base: SHARES.base * capacity,
    high: SHARES.high * capacity,
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
    const usual = shape.base * serviceSeconds + capacity * EMPTY_SECONDS;
    if (now > TIMES.to && backlog <= usual) emptyAt = now;
    await sleep(LOOK_MS);
  }
  return { ...shape, capacity, serviceSeconds, peakBacklog, longestWait, emptyAt };
}

async function measureCapacity(): Promise<number> {
  available = () => Number.POSITIVE_INFINITY;
  const warm = queue.deleted() + WARM_MESSAGES;
  while (queue.deleted() < warm) await sleep(LOOK_MS);
  const [before, since] = [queue.deleted(), performance.now()];
  await sleep(CAPACITY_SECONDS * 1000);
  return ((queue.deleted() - before) * 1000) / (performance.now() - since);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
