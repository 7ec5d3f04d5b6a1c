import type { Random } from '../bench/random.ts';
import type { Fault } from './faults/index.ts';

/** One fault at its time. */
export interface ScheduledFault {
  readonly fault: Fault;
  /** Milliseconds after the load began. */
  readonly atMs: number;
  /** 0 for what happens in a moment. */
  readonly durationMs: number;
  readonly victim: number;
}

/** `  12.3 s  store-outage for 60.0 s`: when, what, how long and, where it chooses, whom. */
export function describeFault({ fault, atMs, durationMs, victim }: ScheduledFault): string {
  const at = (atMs / 1000).toFixed(1).padStart(7);
  const length = durationMs === 0 ? '' : ` for ${(durationMs / 1000).toFixed(1)} s`;
  const whom = fault.name.startsWith('worker') ? ` (victim ${victim})` : '';
  return `${at} s  ${fault.name}${length}${whom}`;
}

/** Most of the run that the faults of one row take together, so that there is calm between them. */
const LONGEST_SHARE = 0.6;

/**
 * The faults of a run, in the order of their times: each kind as often as its rate says and at least once, with random gaps, so that two
 * of a kind never overlap; nor do outages, which share one row. Durations shrink where the run is too short for them. The same random
 * numbers give the same list.
 */
export function scheduleFaults(faults: readonly Fault[], loadMs: number, random: Random): ScheduledFault[] {
  const times = (fault: Fault): Fault[] =>
    Array.from({ length: Math.max(1, Math.round((fault.perMinute * loadMs) / 60_000)) }, () => fault);
  const rows = faults.filter((fault) => !fault.outage).map(times);
  rows.push(shuffled(faults.filter((fault) => fault.outage).flatMap(times), random));
  return rows.flatMap((row) => placeRow(row, loadMs, random)).sort((a, b) => a.atMs - b.atMs);
}

function placeRow(row: readonly Fault[], loadMs: number, random: Random): ScheduledFault[] {
  const wishes = row.map(
    ({ seconds: [shortest, longest] }) => (shortest + (longest - shortest) * random()) * 1000,
  );
  const shrink = Math.min(1, (LONGEST_SHARE * loadMs) / (sum(wishes) || 1));
  const weights = [...row.map(() => random()), random()];
  const gapMs = (loadMs - sum(wishes) * shrink) / sum(weights);
  let atMs = 0;
  return row.map((fault, index) => {
    atMs += (weights[index] ?? 0) * gapMs;
    const durationMs = Math.floor((wishes[index] ?? 0) * shrink);
    const event = { fault, atMs: Math.round(atMs), durationMs, victim: Math.floor(random() * 1000) };
    atMs += durationMs + 1;
    return event;
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list
    .map((entry) => ({ entry, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ entry }) => entry);
}
