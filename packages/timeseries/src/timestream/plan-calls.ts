import type { Point } from '@furrow/contracts';
import { MOST_RECORDS_PER_CALL } from './record-rules.ts';

/** Which points go out, in which calls. Positions are those in the caller's array. */
export interface CallPlan {
  /** Up to 100 positions a call; no key stands in the plan twice. */
  readonly calls: readonly (readonly number[])[];
  /** Positions that lose to another point with their key, by the position of the winner. */
  readonly losers: ReadonlyMap<number, readonly number[]>;
}

/**
 * Plans the calls for the points at `accepted`: of points with one key only the first with the highest version goes out, because
 * what the service does with a key twice in one call, or in two calls at a time, is not documented. Points of the same org, project
 * and device stand together, so that calls share as much as they can; calls are filled up across devices, since the service bills
 * each one as whole kibibytes.
 */
export function planCalls(points: readonly Point[], accepted: readonly number[]): CallPlan {
  const { winners, losers } = pickWinners(points, accepted);
  const sorted = groupBySender(points, winners);
  const calls: number[][] = [];
  for (let start = 0; start < sorted.length; start += MOST_RECORDS_PER_CALL) {
    calls.push(sorted.slice(start, start + MOST_RECORDS_PER_CALL));
  }
  return { calls, losers };
}

function pickWinners(points: readonly Point[], accepted: readonly number[]) {
  const winnersByKey = new Map<string, Map<number, number>>();
  const lost = new Set<number>();
  for (const index of accepted) {
    const { agriId, t, version } = pointAt(points, index);
    const byTime = entry(winnersByKey, agriId, () => new Map<number, number>());
    const rival = byTime.get(t);
    const wins = rival === undefined || version > pointAt(points, rival).version;
    if (wins) byTime.set(t, index);
    if (rival !== undefined) lost.add(wins ? rival : index);
  }
  const losers = new Map<number, number[]>();
  for (const index of lost) {
    const { agriId, t } = pointAt(points, index);
    const winner = winnersByKey.get(agriId)?.get(t);
    if (winner !== undefined) entry(losers, winner, () => []).push(index);
  }
  return { winners: lost.size === 0 ? accepted : accepted.filter((index) => !lost.has(index)), losers };
}

function groupBySender(points: readonly Point[], indices: readonly number[]): number[] {
  const orgs = new Map<string, Map<string, Map<string, number[]>>>();
  for (const index of indices) {
    const { orgId, projectId, device } = pointAt(points, index);
    const projects = entry(orgs, orgId, () => new Map<string, Map<string, number[]>>());
    const devices = entry(projects, projectId, () => new Map<string, number[]>());
    entry(devices, device, () => []).push(index);
  }
  return [...orgs.values()].flatMap((projects) =>
    [...projects.values()].flatMap((devices) => [...devices.values()].flat()),
  );
}

/** The map's value for a key, made when it is missing. */
function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}

function pointAt(points: readonly Point[], index: number): Point {
  const point = points[index];
  if (point === undefined) throw new RangeError(`no point at ${index}`);
  return point;
}
