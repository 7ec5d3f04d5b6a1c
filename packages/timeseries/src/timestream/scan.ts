import type { AgriId } from '@furrow/contracts';
import type { FactorDay, ScannedPoint, ScanQuery } from '../point-store.ts';
import { byAgriId, partsOf, timesOfDay } from '../scan-rules.ts';
import { type Cells, numberOf } from './cells.ts';
import type { Target } from './encode-call.ts';
import type { QueryRun } from './run-query.ts';
import { factorsStatement, scanStatement } from './sql.ts';

/** Factors named in one statement: with names of 128 characters a quarter of the 256 KB that a statement may have. */
const FACTORS_PER_QUERY = 500;
/** Factors that one table can have points of on a day; more is an error, never a silent cut. */
const MOST_FACTORS = 2_000_000;

/** Where a scan looks, and how it asks for the pages of an answer. */
export interface ScanReader {
  readonly target: Target;
  readonly pages: (query: QueryRun) => AsyncIterable<readonly Cells[]>;
}

/** The factors with points on a day, with how many, described as the day's highest version does. */
export async function readFactorsOn(reader: ScanReader, day: number, nowMs: number): Promise<FactorDay[]> {
  const range = timesOfDay(day, nowMs);
  if (range.from > range.to) return [];
  const statement = factorsStatement(reader.target, range);
  const factors: FactorDay[] = [];
  for await (const rows of reader.pages({ statement, operation: 'factors', mostRows: MOST_FACTORS })) {
    for (const [agriId = '', device = '', orgId = '', projectId = '', theType = '', points = ''] of rows) {
      // Only what came in as an AgriId is ever stored.
      const names = { agriId: agriId as AgriId, device: device as AgriId, orgId, projectId, theType };
      factors.push({ ...names, points: numberOf(points) });
    }
  }
  return factors.sort(byAgriId);
}

/** The points of a day, a page of the service's answer at a time. */
export async function* scanPoints(
  reader: ScanReader,
  { day, agriIds }: ScanQuery,
  nowMs: number,
): AsyncGenerator<ScannedPoint[]> {
  const range = timesOfDay(day, nowMs);
  if (range.from > range.to) return;
  for (const part of partsOf(agriIds, FACTORS_PER_QUERY)) {
    const statement = scanStatement(reader.target, part, range);
    const query = { statement, operation: 'scan', mostRows: Number.POSITIVE_INFINITY } as const;
    for await (const rows of reader.pages(query)) {
      if (rows.length === 0) continue;
      yield rows.map(([agriId = '', t = '', value = '', version = '']) => ({
        agriId: agriId as AgriId,
        t: numberOf(t),
        value: numberOf(value),
        version: numberOf(version),
      }));
    }
  }
}
