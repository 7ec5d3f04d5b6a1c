import { Readable } from 'node:stream';
import { agriIdSchema, parseTimestamp, TIMESTAMP_RULE } from '@furrow/contracts';
import { DEVICE_ATTRIBUTE } from '@furrow/queue';
import { parse } from 'csv-parse';
import { UsageError } from '../../errors.ts';
import { type CsvMapping, checkColumns } from './csv-mapping.ts';
import type { SourceEntry } from './source-message.ts';

/** Longest accepted record: a row of readings is far below it, and a quote that never closes must not fill the memory. */
const MAX_RECORD_BYTES = 1024 * 1024;

/** One reading of a row, in the form of an uplink's item. */
interface CsvItem {
  readonly agri_id: string;
  readonly value: number | string | null;
  readonly t?: string | number;
  readonly scaled?: boolean;
}

type Row = Readonly<Record<string, string>>;

/**
 * The rows of a CSV whose columns a mapping explains, as messages of the flat form. `mappingFile` is for messages. Rejects with UsageError
 * when mapping and columns do not go together, and where a broken quote makes the rest unreadable.
 */
export async function* readCsv(
  input: AsyncIterable<Uint8Array>,
  mapping: CsvMapping,
  mappingFile: string,
): AsyncGenerator<SourceEntry> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) => {
      checkColumns(mapping, header, mappingFile);
      return header;
    },
    delimiter: mapping.delimiter,
    quote: mapping.quote,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
  });
  // Destroying the reader ends the file too; its error comes out of the loop below.
  const bytes = Readable.from(input);
  bytes.on('error', (error) => parser.destroy(error));
  const batch = new Batch(mapping);
  try {
    for await (const { record, info } of bytes.pipe(parser)) {
      const where = `line ${info.lines}`;
      const read = readRow(record, mapping);
      if (!read.ok) yield { ok: false, where, problem: read.problem };
      else yield* batch.add(read.device, read.items, where);
    }
  } catch (error) {
    if (error instanceof UsageError || !isCsvError(error)) throw error;
    yield* batch.take();
    // What follows a broken quote cannot be told from its text, so the reading ends here, and says so.
    throw new UsageError(`the CSV cannot be read further: ${error.message}`, { cause: error });
  } finally {
    bytes.destroy();
  }
  yield* batch.take();
}

function isCsvError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_');
}

type ReadRow =
  | { readonly ok: true; readonly device: string | undefined; readonly items: readonly CsvItem[] }
  | { readonly ok: false; readonly problem: string };

/** The readings of one row, or which column breaks which rule. */
export function readRow(row: Row, mapping: CsvMapping): ReadRow {
  const time = readTime(row, mapping);
  if (time.problem !== undefined) return { ok: false, problem: time.problem };
  const device = mapping.device === undefined ? undefined : cellOf(row, mapping.device);
  if (mapping.device !== undefined && !agriIdSchema.safeParse(device).success)
    return { ok: false, problem: `device: ${JSON.stringify(device)} is no agri_id` };
  const items: CsvItem[] = [];
  for (const [column, agriId, text] of cells(row, mapping)) {
    if (!agriIdSchema.safeParse(agriId).success)
      return { ok: false, problem: `agri_id: ${JSON.stringify(agriId)} is no agri_id` };
    if (text.trim() === '' && mapping.empty === 'skip') continue;
    const value = readValue(text.trim(), mapping.decimal);
    if (value === undefined)
      return { ok: false, problem: `column ${column}: ${JSON.stringify(text.slice(0, 40))} is no number` };
    items.push({
      agri_id: agriId,
      value,
      ...(time.t !== undefined && { t: time.t }),
      ...(mapping.scaled !== undefined && { scaled: mapping.scaled }),
    });
  }
  return { ok: true, device, items };
}

function cells(
  row: Row,
  { agri_id, value, factors }: CsvMapping,
): [column: string, agriId: string, text: string][] {
  if (factors) return Object.entries(factors).map(([column, agriId]) => [column, agriId, row[column] ?? '']);
  return [[value ?? '', agri_id === undefined ? '' : cellOf(row, agri_id), row[value ?? ''] ?? '']];
}

function cellOf(row: Row, column: string | { readonly const: string }): string {
  return typeof column === 'string' ? (row[column] ?? '').trim() : column.const;
}

function readTime(row: Row, { t }: CsvMapping): { readonly t?: string | number; readonly problem?: string } {
  if (t === undefined) return {};
  const { column, suffix } = typeof t === 'string' ? { column: t, suffix: '' } : t;
  const text = (row[column] ?? '').trim() + suffix;
  const ms = parseTimestamp(/^\d+\.\d+$/.test(text) ? Number(text) : text);
  if (ms === undefined) return { problem: `column ${column}: ${JSON.stringify(text)}: ${TIMESTAMP_RULE}` };
  return { t: ms };
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** A number, its decimal text where a double would not spell it so, null for an empty cell, undefined for what is no number. */
function readValue(text: string, decimal: '.' | ','): number | string | null | undefined {
  if (text === '') return null;
  const plain = decimal === ',' ? text.replace(',', '.') : text;
  if (!NUMBER.test(plain) || plain.length > 64) return undefined;
  const number = Number(plain);
  return Number.isSafeInteger(number) || (Number.isFinite(number) && plain.length <= 15) ? number : plain;
}

/** Gathers the readings of rows that follow each other and come from one device. */
class Batch {
  readonly #mapping: CsvMapping;
  #device: string | undefined;
  #items: CsvItem[] = [];
  #where = '';

  constructor(mapping: CsvMapping) {
    this.#mapping = mapping;
  }

  *add(device: string | undefined, items: readonly CsvItem[], where: string): Generator<SourceEntry> {
    if (device !== this.#device || this.#items.length + items.length > this.#mapping.batch)
      yield* this.take();
    if (this.#items.length === 0) this.#where = where;
    this.#device = device;
    this.#items.push(...items);
  }

  *take(): Generator<SourceEntry> {
    const items = this.#items;
    if (items.length === 0) return;
    this.#items = [];
    const device = this.#device;
    const attributes =
      device === undefined ? [] : [{ name: DEVICE_ATTRIBUTE, type: 'String', value: device }];
    yield { ok: true, message: { body: JSON.stringify(items), attributes, device, where: this.#where } };
  }
}
