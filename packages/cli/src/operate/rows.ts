import type { Listed } from '@furrow/registry';
import { countText } from '../quarantine/kept-lines.ts';
import { alignColumns } from '../terminal/columns.ts';
import { safeCell } from '../terminal/safe-text.ts';
import { writeText } from '../terminal/write-text.ts';
import type { ListFlags } from './operate-flags.ts';

/** A value of a row as JSON has it; a time is RFC 3339. */
export type Field = string | number | boolean | Date | null | readonly string[];

/** One row under the names that scripts read. */
export type NamedRow = Readonly<Record<string, Field>>;

const LONGEST_CELL = 48;
const NOTHING = '–';

/** Prints a page of a list: an aligned table, or lines of JSON; how much more there is goes to standard error. */
export async function printList<Row>(
  { count, rows }: Listed<Row>,
  { page, limit, json }: ListFlags,
  what: string,
  fieldsOf: (row: Row) => NamedRow,
): Promise<void> {
  await printRows(rows.map(fieldsOf), json);
  const first = (page - 1) * limit;
  if (rows.length === count) {
    if (count === 0) console.error(`No ${what}.`);
    return;
  }
  const shown =
    rows.length === 0 ? 'none of' : `${countText(first + 1)} to ${countText(first + rows.length)} of`;
  const more = first + rows.length < count ? `; --page ${page + 1} shows the next` : '';
  console.error(`${shown} ${countText(count)} ${what}${more}`);
}

/** Prints rows as an aligned table, or as lines of JSON; nothing when there are none. */
export async function printRows(rows: readonly NamedRow[], json = false): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  if (json) {
    await print(rows.map((row) => JSON.stringify(row)));
    return;
  }
  const numbers = Object.values(first).flatMap((value, at) => (typeof value === 'number' ? [at] : []));
  const cells = rows.map((row) => Object.values(row).map((value) => safeCell(textOf(value), LONGEST_CELL)));
  await print(alignColumns([Object.keys(first), ...cells], numbers));
}

/** Prints one row with a line for each field, whole, or as a line of JSON. */
export async function printOne(row: NamedRow, json = false): Promise<void> {
  if (json) return await print([JSON.stringify(row)]);
  await print(alignColumns(Object.entries(row).map(([key, value]) => [key, safeCell(textOf(value), 1_000)])));
}

/** Prints lines to standard output. */
export async function print(lines: readonly string[]): Promise<void> {
  await writeText(process.stdout, `${lines.join('\n')}\n`);
}

function textOf(value: Field): string {
  if (value === null || value === '') return NOTHING;
  if (value instanceof Date) return value.toISOString().replace(/\.\d+Z$/, 'Z');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? value.join(', ') : String(value);
}
