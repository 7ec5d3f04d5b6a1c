import { type SQL, sql } from 'drizzle-orm';

/** Which part of a list, counted from 1. */
export interface PageOf {
  readonly page: number;
  readonly pageSize: number;
}

/** A part of a list, and how many rows the whole list has. */
export interface Listed<Row> {
  readonly count: number;
  readonly rows: readonly Row[];
}

/** How many rows a query finds, as a column. */
export const counted: SQL<number> = sql<number>`count(*)::integer`;

/** How many rows come before the page. */
export function offsetOf({ page, pageSize }: PageOf): number {
  return (page - 1) * pageSize;
}
