import { schemaIssues } from '@furrow/contracts';
import { type DeviceForm, deviceFormSchema } from '@furrow/registry';
import { CsvError, parse } from 'csv-parse/sync';
import { UsageError } from '../errors.ts';

const COLUMNS = Object.keys(deviceFormSchema.shape);
const MOST_DEVICES = 100_000;
const MOST_RECORD_CHARACTERS = 10_000;
const SHOWN_PROBLEMS = 20;

/**
 * The devices of a CSV file. Throws {@link UsageError} with the problems of all lines, each by line and column; a file of more than
 * 100,000 devices is refused.
 */
export function readDeviceCsv(file: string, bytes: Uint8Array): DeviceForm[] {
  const records = recordsOf(file, bytes);
  if (records.length === 0) throw new UsageError(`${file} has no devices: the header line alone, or nothing`);
  if (records.length > MOST_DEVICES)
    throw new UsageError(`${file} has ${records.length} devices; one file has at most ${MOST_DEVICES}`);
  const problems: string[] = [];
  const lineOf = new Map<string, number>();
  const devices = records.flatMap(({ record, info }): DeviceForm[] => {
    const line = info.lines;
    const filled = Object.fromEntries(Object.entries(record).filter(([, text]) => text !== ''));
    const parsed = deviceFormSchema.safeParse(filled);
    if (!parsed.success) {
      const issues = schemaIssues(parsed.error, filled);
      problems.push(
        ...issues.map((issue) => `line ${line}, ${issue.path}: ${issue.rule} (received ${issue.received})`),
      );
      return [];
    }
    const before = lineOf.get(parsed.data.device_id);
    if (before !== undefined) problems.push(`line ${line}, device_id: the same is on line ${before}`);
    lineOf.set(parsed.data.device_id, line);
    return [parsed.data];
  });
  if (problems.length > 0) throw new UsageError(problemText(file, problems));
  return devices;
}

interface CsvRecord {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

function recordsOf(file: string, bytes: Uint8Array): CsvRecord[] {
  const text = decode(file, bytes);
  try {
    return parse(text, {
      bom: true,
      columns: (header: string[]) => checkHeader(file, header),
      info: true,
      max_record_size: MOST_RECORD_CHARACTERS,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as CsvRecord[];
  } catch (error) {
    if (error instanceof CsvError)
      throw new UsageError(`${file} is not CSV: ${error.message}`, { cause: error });
    throw error;
  }
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${file} is not UTF-8 text`, { cause: error });
  }
}

function checkHeader(file: string, header: readonly string[]): string[] {
  const names = header.map((name) => name.trim());
  const unknown = names.filter((name) => !COLUMNS.includes(name));
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  const problems = [
    ...(unknown.length > 0
      ? [
          `line 1: no such column ${unknown.map((name) => JSON.stringify(name.slice(0, 40))).join(', ')}; there are ${COLUMNS.join(', ')}`,
        ]
      : []),
    ...(twice.length > 0 ? [`line 1: ${[...new Set(twice)].join(', ')} is there twice`] : []),
    ...(names.includes('device_id') ? [] : ['line 1: the column device_id is missing']),
  ];
  if (problems.length > 0) throw new UsageError(problemText(file, problems));
  return names;
}

function problemText(file: string, problems: readonly string[]): string {
  const lines = problems.slice(0, SHOWN_PROBLEMS).map((problem) => `\n  ${problem}`);
  const rest = problems.length - lines.length;
  return `${file} is refused, nothing was registered:${lines.join('')}${rest > 0 ? `\n  … and ${rest} more` : ''}`;
}
