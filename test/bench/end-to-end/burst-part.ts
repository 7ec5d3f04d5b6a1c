import { setTimeout as sleep } from 'node:timers/promises';
import { startGeneratedQueue } from '../../soak/generated-queue.ts';
import { burst } from '../queue-simulation.ts';
import { benchMessages } from './bench-messages.ts';
import { servePart } from './part.ts';

/** What the queue saw of one burst. Messages and seconds. */
export interface ObservedBurst {
  /** What the worker did in a second before the burst, from a queue that never emptied. */
  readonly capacity: number;
  readonly base: number;
  readonly high: number;
  readonly from: number;
  readonly to: number;
  readonly peakBacklog: number;
  readonly longestWait: number;
  readonly emptyAt: number;
}

const CAPACITY_SECONDS = 6;
const SETTLE_SECONDS = 3;
const TIMES = { from: 2, to: 7, seconds: 40 } as const;
const SHARES = { base: 0.3, high: 2 } as const;
const LOOK_MS = 50;
const EMPTY_SECONDS = 0.1;

/**
 * A queue of uplinks of 100 points: full at first, which shows what its worker can do, then with a known burst. `burst` resolves to what became
 * of it, seen from the queue: what has arrived, and what was deleted.
 */
let available = (): number => Number.POSITIVE_INFINITY;
const queue = await startGeneratedQueue({
  messages: Number.POSITIVE_INFINITY,
  bodyOf: benchMessages(10).bodyOf,
  available: () => available(),
});
servePart(JSON.stringify({ endpoint: queue.endpoint, queueUrl: queue.queueUrl }), { burst: observe }, () =>
  queue.close(),
);

async function observe(): Promise<ObservedBurst> {
  await sleep(SETTLE_SECONDS * 1000);
  const before = queue.deleted();
  await sleep(CAPACITY_SECONDS * 1000);
  const capacity = (queue.deleted() - before) / CAPACITY_SECONDS;
  const shape = { base: SHARES.base * capacity, high: SHARES.high * capacity, ...TIMES };
  // What was received has arrived; the rest of the full queue is gone.
  const received = queue.received();
  available = () => received;
  while (queue.deleted() < received) await sleep(LOOK_MS);
  const rate = burst(shape);
  const startedAt = performance.now();
  const secondsSoFar = () => (performance.now() - startedAt) / 1000;
  let [arrived, arrivedUntil] = [0, 0];
  const arrivals: { readonly at: number; readonly total: number }[] = [];
  const advance = (): void => {
    const now = secondsSoFar();
    arrived += rate((arrivedUntil + now) / 2) * (now - arrivedUntil);
    arrivedUntil = now;
  };
  available = () => {
    advance();
    return received + Math.floor(arrived);
  };
  let [peakBacklog, longestWait, emptyAt, head] = [0, 0, Number.POSITIVE_INFINITY, 0];
  while (secondsSoFar() < TIMES.seconds) {
    await sleep(LOOK_MS);
    advance();
    const done = queue.deleted() - received;
    arrivals.push({ at: arrivedUntil, total: arrived });
    while (head < arrivals.length - 1 && (arrivals[head]?.total ?? 0) <= done) head += 1;
    const backlog = arrived - done;
    longestWait = Math.max(longestWait, arrivedUntil - (arrivals[head]?.at ?? arrivedUntil));
    if (backlog > peakBacklog) [peakBacklog, emptyAt] = [backlog, Number.POSITIVE_INFINITY];
    else if (emptyAt === Number.POSITIVE_INFINITY && backlog <= capacity * EMPTY_SECONDS) {
      emptyAt = arrivedUntil;
    }
  }
  const { base, high, from, to } = shape;
  return { capacity, base, high, from, to, peakBacklog, longestWait, emptyAt };
}
