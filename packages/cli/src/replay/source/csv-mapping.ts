import { readFile } from 'node:fs/promises';
import { formatIssues, MAX_ENTRIES, schemaIssues } from '@furrow/contracts';
import { z } from 'zod';
import { UsageError, unreadable } from '../../errors.ts';

const columnName = z.string('a column is named by the text in the first line').min(1, 'a column has a name');

/** A column by its name, or one text for every row. */
const columnOrConstant = (what: string) =>
  z.union(
    [columnName, z.strictObject({ const: z.string().min(1) })],
    `${what} is a column's name, or {"const": "…"}`,
  );

const oneCharacter = (name: string) => z.string().length(1, `${name} is one character`);

const mappingSchema = z
  .strictObject({
    /** The time of a row: a column, with text to put behind it where the file leaves the zone out (`Z`). Rows without are sent without. */
    t: z
      .union(
        [columnName, z.strictObject({ column: columnName, suffix: z.string().default('') })],
        't is a column\'s name, or {"column": "…", "suffix": "Z"}',
      )
      .optional(),
    /** The device that sent the row; without it each reading goes to the device whose agri_id its own begins with. */
    device: columnOrConstant('device').optional(),
    /** One reading a row: the factor's agri_id and its reading. */
    agri_id: columnOrConstant('agri_id').optional(),
    value: columnName.optional(),
    /** Several readings a row: column → agri_id of its factor. */
    factors: z.record(columnName, z.string().min(1)).optional(),
    /** Whether the readings are engineering values; the device's own setting when left out. */
    scaled: z.boolean('scaled is true or false').optional(),
    /** What an empty cell says: nothing, or that the reading failed. */
    empty: z.enum(['skip', 'null'], 'empty is skip or null').default('skip'),
    delimiter: oneCharacter('delimiter').default(','),
    quote: oneCharacter('quote').default('"'),
    decimal: z.enum(['.', ','], 'decimal is "." or ","').default('.'),
    /** Most readings that are sent as one message: rows of one device that follow each other. */
    batch: z
      .int('batch is a whole number')
      .min(1, `batch is 1 to ${MAX_ENTRIES}`)
      .max(MAX_ENTRIES, `batch is 1 to ${MAX_ENTRIES}`)
      .default(100),
  })
  .superRefine(({ agri_id, value, factors }, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const long = agri_id !== undefined || value !== undefined;
    if (long === (factors !== undefined)) {
      issue('factors', 'either agri_id and value (a reading a row), or factors (a column each)');
    } else if (long && agri_id === undefined) issue('agri_id', 'with value comes agri_id');
    else if (long && value === undefined) issue('value', 'with agri_id comes value');
  });

/** What the columns of a CSV file mean. */
export type CsvMapping = z.output<typeof mappingSchema>;

/** Reads a mapping. Throws UsageError with every broken rule, each with its key. `file` is for messages. */
export function parseMapping(json: unknown, file: string): CsvMapping {
  const parsed = mappingSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${file}: ${formatIssues(schemaIssues(parsed.error, json))}`);
}

/** Reads a mapping file. Throws UsageError when it cannot be read, is no JSON, or breaks a rule. */
export async function readMapping(file: string): Promise<CsvMapping> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    return parseMapping(JSON.parse(text), file);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${file} is not JSON: ${error.message}`, { cause: error });
  }
}

/** Every column that the mapping names, with the key that names it. */
export function namedColumns({
  t,
  device,
  agri_id,
  value,
  factors,
}: CsvMapping): [key: string, column: string][] {
  const named: [string, string][] = [];
  const add = (key: string, column: string | { readonly const: string } | undefined): void => {
    if (typeof column === 'string') named.push([key, column]);
  };
  add('t', typeof t === 'object' ? t.column : t);
  add('device', device);
  add('agri_id', agri_id);
  add('value', value);
  for (const column of Object.keys(factors ?? {})) named.push([`factors.${column}`, column]);
  return named;
}

/** Throws UsageError when the mapping names columns that the file has not. */
export function checkColumns(mapping: CsvMapping, columns: readonly string[], file: string): void {
  const missing = namedColumns(mapping).filter(([, column]) => !columns.includes(column));
  if (missing.length === 0) return;
  const lines = missing.map(([key, column]) => `${key}: the CSV has no column ${JSON.stringify(column)}`);
  throw new UsageError(
    `${file}: ${lines.join('; ')}. Its columns are ${columns.map((name) => JSON.stringify(name)).join(', ')}`,
  );
}
