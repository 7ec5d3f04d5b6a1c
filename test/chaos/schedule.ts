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

/** Most of its slot that a fault takes, so that there is calm between two of a kind. */
const LONGEST_SHARE = 0.6;

/**
 * The faults of a run, in the order of their times: each kind as often as its rate says and at least once, at random places in equal
 * slots of the run, so that two of a kind never overlap. Outages share one row of slots. The same random numbers give the same list.
 */
export function scheduleFaults(faults: readonly Fault[], loadMs: number, random: Random): ScheduledFault[] {
  const times = (fault: Fault): Fault[] =>
    Array.from({ length: Math.max(1, Math.round((fault.perMinute * loadMs) / 60_000)) }, () => fault);
  const rows = faults.filter((fault) => !fault.outage).map(times);
  rows.push(shuffled(faults.filter((fault) => fault.outage).flatMap(times), random));
  const scheduled = rows.flatMap((row) =>
    row.map((fault, at) => place(fault, at, loadMs / row.length, random)),
  );
  return scheduled.sort((a, b) => a.atMs - b.atMs);
}

function place(fault: Fault, slot: number, slotMs: number, random: Random): ScheduledFault {
  const [shortest, longest] = fault.seconds;
  const wishedMs = (shortest + (longest - shortest) * random()) * 1000;
  const durationMs = Math.round(Math.min(wishedMs, slotMs * LONGEST_SHARE));
  const atMs = Math.round(slot * slotMs + random() * (slotMs - durationMs));
  return { fault, atMs, durationMs, victim: Math.floor(random() * 1000) };
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list
    .map((entry) => ({ entry, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ entry }) => entry);
}
