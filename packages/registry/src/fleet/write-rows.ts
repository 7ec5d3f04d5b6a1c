import { getTableColumns, getTableName, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../engine/engine.ts';

/** Rows in one statement. */
const ROWS_PER_STATEMENT = 5_000;

/**
 * Inserts rows, all of them with the keys of the first, many in one statement. They travel as one JSON parameter: a
 * parameter for each value would meet the protocol's limit of 65,535, and costs far more time to build.
 */
export async function insertRows<Table extends PgTable>(
  db: Database,
  table: Table,
  rows: readonly Table['$inferInsert'][],
): Promise<void> {
  for (const [part, { names, source }] of statements(table, rows)) {
    const keys = Object.keys(names);
    await db.execute(sql`
      insert into ${table} (${list(Object.values(names).map((name) => sql.identifier(name)))})
      select ${list(keys.map((key) => sql.identifier(key)))}
      from json_to_recordset(${JSON.stringify(part)}::json) as source (${source})`);
  }
}

/** Updates the rows with these `pk`s, all of them with the keys of the first, many in one statement. */
export async function updateRows<Table extends PgTable>(
  db: Database,
  table: Table,
  rows: readonly (Partial<Table['$inferInsert']> & { readonly pk: number })[],
): Promise<void> {
  for (const [part, { names, source }] of statements(table, rows)) {
    const assignments = Object.entries(names)
      .filter(([key]) => key !== 'pk')
      .map(([key, name]) => sql`${sql.identifier(name)} = source.${sql.identifier(key)}`);
    await db.execute(sql`
      update ${table} set ${list(assignments)}
      from json_to_recordset(${JSON.stringify(part)}::json) as source (${source})
      where ${sql.identifier(getTableName(table))}.pk = source.pk`);
  }
}

/** Each part of the rows with the database's names of their keys, and the columns of the JSON as SQL. */
function* statements(table: PgTable, rows: readonly object[]) {
  const columns = Object.entries(getTableColumns(table)).filter(([key]) => key in (rows[0] ?? {}));
  const names = Object.fromEntries(columns.map(([key, column]) => [key, column.name]));
  const source = list(
    columns.map(([key, column]) => sql`${sql.identifier(key)} ${sql.raw(column.getSQLType())}`),
  );
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    yield [rows.slice(from, from + ROWS_PER_STATEMENT), { names, source }] as const;
  }
}

function list(parts: Parameters<typeof sql.join>[0]) {
  return sql.join(parts, sql`, `);
}
