import type { AgriId } from '@furrow/contracts';
import type { ResultSeries } from './client.ts';
import { literal } from './influxql.ts';
import { decodeName, encodeName } from './names.ts';

/** The tag by which points and descriptions know their factor. */
export const FACTOR_TAG = 'agri_id';
/** Factors named in one statement: its text stays below 64 KB for names of usual length. */
export const FACTORS_PER_QUERY = 200;

export type Row = Readonly<Record<string, unknown>>;

/** The condition that a row is of one of these factors. */
export function isFactor(agriIds: readonly AgriId[]): string {
  const conditions = agriIds.map((agriId) => `"${FACTOR_TAG}" = ${literal(encodeName(agriId))}`);
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' OR ')})`;
}

/** Splits a list of factors, or of anything that is about one factor each, into lists short enough for one statement. */
export function perQuery<T>(factors: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(factors.length / FACTORS_PER_QUERY) }, (_, i) =>
    factors.slice(i * FACTORS_PER_QUERY, (i + 1) * FACTORS_PER_QUERY),
  );
}

/**
 * The rows of a statement that groups by factor. The factor stands in the tags of its series; the first releases of 3.x gave it as a
 * column of one common series (github.com/influxdata/influxdb/issues/25751).
 */
export function rowsByFactor(series: readonly ResultSeries[]): Map<AgriId, Row[]> {
  const byFactor = new Map<AgriId, Row[]>();
  for (const { tags, rows } of series) {
    for (const row of rows) {
      const name = tags[FACTOR_TAG] ?? row[FACTOR_TAG];
      if (typeof name !== 'string') continue;
      // Only what came in as an AgriId is ever stored.
      const agriId = decodeName(name) as AgriId;
      const known = byFactor.get(agriId);
      if (known === undefined) byFactor.set(agriId, [row]);
      else known.push(row);
    }
  }
  return byFactor;
}
