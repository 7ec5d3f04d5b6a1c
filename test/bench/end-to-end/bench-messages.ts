import { benchUplink, DEVICES, readingsIn } from '../fleet.ts';

/** The first reading lies so long ago that no run reaches the present, and within what Timestream keeps in memory. */
const FIRST_SECONDS_AGO = 20 * 3_600;

/** Bodies of uplinks by their number. */
export interface BenchMessages {
  readonly bodyOf: (number: number) => string;
  /** Points in each message. */
  readonly points: number;
}

/**
 * Uplinks of the bench's fleet as items, ten for each read, without an end: a hundred devices in turn, the times of a device always rising. Values
 * repeat after one lap of the fleet; making a body costs joining it, so the queue is not slowed by making messages.
 */
export function benchMessages(reads: number, firstSecondsAgo = FIRST_SECONDS_AGO): BenchMessages {
  const first = Math.floor(Date.now() / 1000) - firstSecondsAgo;
  const lap = Array.from({ length: DEVICES }, (_, device) => templateOf(device, reads));
  const bodyOf = (number: number): string => {
    const { texts, offsets } = lap[number % DEVICES] ?? lap[0] ?? { texts: [], offsets: [] };
    const start = first + Math.floor(number / DEVICES) * reads;
    let body = texts[0] ?? '';
    for (let at = 0; at < offsets.length; at += 1) body += `${start + (offsets[at] ?? 0)}${texts[at + 1]}`;
    return body;
  };
  return { bodyOf, points: readingsIn(reads) };
}

/** A body cut at its times: the texts between them, and each time as seconds after the first. */
function templateOf(device: number, reads: number): { texts: string[]; offsets: number[] } {
  const body = JSON.stringify(benchUplink(device, 'items', reads, Math.floor(Date.now() / 1000) - 60));
  const times = [...body.matchAll(/"t":(\d+)/g)].map(([, t]) => Number(t));
  const first = Math.min(...times);
  const texts = body.split(/(?<="t":)\d+/);
  return { texts, offsets: times.map((t) => t - first) };
}
