import { BadQueryError } from './errors.ts';
import type { BucketQuery, HistoryQuery } from './point-store.ts';

/** Most points on one page of a history. */
export const MAX_PAGE_SIZE = 10_000;
/** Most intervals that one bucket query may span. */
export const MAX_BUCKETS = 100_000;

/** Throws a `BadQueryError` unless the query keeps the documented limits. Every engine calls it first. */
export function checkHistoryQuery(query: HistoryQuery): void {
  refuseIf([
    [!isWhole(query.page, 1, Number.MAX_SAFE_INTEGER), 'page is a whole number from 1'],
    [!isWhole(query.pageSize, 1, MAX_PAGE_SIZE), `pageSize is a whole number from 1 to ${MAX_PAGE_SIZE}`],
    [Number.isNaN(query.minT), 'minT is a number'],
    [query.maxT !== undefined && Number.isNaN(query.maxT), 'maxT is a number'],
  ]);
}

/** Throws a `BadQueryError` unless the query keeps the documented limits. Every engine calls it first. */
export function checkBucketQuery(query: BucketQuery): void {
  const { from, to, intervalMs } = query;
  refuseIf([
    [!Number.isSafeInteger(from), 'from is a whole number of milliseconds'],
    [!Number.isSafeInteger(to), 'to is a whole number of milliseconds'],
    [!isWhole(intervalMs, 1, Number.MAX_SAFE_INTEGER), 'intervalMs is a whole number from 1'],
    [(to - from) / intervalMs > MAX_BUCKETS, `the range spans at most ${MAX_BUCKETS} intervals`],
  ]);
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

function refuseIf(rules: readonly (readonly [broken: boolean, rule: string])[]): void {
  const problems = rules.filter(([broken]) => broken).map(([, rule]) => rule);
  if (problems.length > 0) throw new BadQueryError(problems);
}
