import { ServiceError, validation } from './faults.ts';

/** How a table of the fake is set up. */
export interface TableSetup {
  readonly memoryHours: number;
  readonly magneticDays: number;
  readonly magneticWrites: boolean;
}

/** A stored row: one multi-measure or single-measure record. */
export interface StoredRow {
  readonly key: string;
  readonly timeMs: number;
  readonly measureName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly measures: Readonly<Record<string, number>>;
  readonly version: number;
}

interface Measure {
  readonly Name: string;
  readonly Value: string;
  readonly Type: string;
}

interface WireRecord {
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly MeasureName?: string;
  readonly MeasureValue?: string;
  readonly MeasureValueType?: string;
  readonly MeasureValues?: readonly Measure[];
  readonly Time?: string;
  readonly TimeUnit?: string;
  readonly Version?: number;
}

export interface WireCall {
  readonly CommonAttributes?: WireRecord;
  readonly Records?: readonly WireRecord[];
}

export interface RejectedRecord {
  readonly RecordIndex: number;
  readonly Reason: string;
  readonly ExistingVersion?: number;
}

const HOUR_MS = 3_600_000;
const MOST_AHEAD_MS = 15 * 60_000;
const UNIT_MS: Readonly<Record<string, number>> = {
  SECONDS: 1_000,
  MILLISECONDS: 1,
  MICROSECONDS: 1e-3,
  NANOSECONDS: 1e-6,
};

/**
 * What `WriteRecords` does with records, by the service's documents:
 *
 * - 1 to 100 records; a call that breaks a rule of form is refused whole, with a ValidationException (API_WriteRecords).
 * - `CommonAttributes` are merged into each record, and dimensions may not overlap (API_WriteRecords).
 * - At most 128 dimensions, names to 60 bytes, measure names to 256, records to 2 KB, `Version` from 1 (ts-limits, API_Record).
 * - Times up to 15 minutes ahead; back to the memory store's period, or with magnetic store writes to both periods (data-ingest,
 *   ts-limits).
 * - A key is dimensions, measure name and time. A higher version replaces; an equal one with equal values is taken and changes nothing;
 *   any other is listed with its `ExistingVersion`. What is not listed was written (API_RejectedRecord).
 *
 * Its own choices where the documents are silent: a key twice in one call is a rejected record; an empty dimension value is a
 * ValidationException; sizes are counted as for billing (metering-and-pricing.writes).
 */
export class FakeTable {
  readonly setup: TableSetup;
  readonly rows = new Map<string, StoredRow>();
  /** Rows to be told to the query side: all that were written since it last took them. */
  changed = new Map<string, StoredRow>();
  /** Bytes that the service would bill, in whole KiB a call, and the calls themselves. */
  billedKib = 0;
  writes = 0;
  readonly #now: () => number;

  constructor(setup: TableSetup, now: () => number) {
    this.setup = setup;
    this.#now = now;
  }

  /** How far back a row is kept. */
  get floorMs(): number {
    return this.#now() - (this.setup.memoryHours + this.setup.magneticDays * 24) * HOUR_MS;
  }

  write(call: WireCall, refuses: (index: number, row: StoredRow) => string | undefined = () => undefined) {
    const records = call.Records ?? [];
    if (records.length < 1 || records.length > 100) {
      throw validation(
        `1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length between 1 and 100, inclusive`,
      );
    }
    const rows = records.map((record) => toRow(call.CommonAttributes ?? {}, record));
    this.writes += 1;
    this.billedKib += Math.ceil(billedBytes(call) / 1024);
    const rejected: RejectedRecord[] = [];
    const seen = new Set<string>();
    rows.forEach((row, RecordIndex) => {
      const Reason =
        refuses(RecordIndex, row) ?? this.#refusal(row) ?? (seen.has(row.key) ? TWICE : undefined);
      const existing = this.rows.get(row.key);
      seen.add(row.key);
      if (Reason !== undefined) rejected.push({ RecordIndex, Reason });
      else if (existing !== undefined && !replaces(row, existing)) {
        if (!isSame(row, existing)) {
          rejected.push({
            RecordIndex,
            Reason:
              'The record version is lower than or equal to the existing version, or the measure values differ.',
            ExistingVersion: existing.version,
          });
        }
      } else {
        this.rows.set(row.key, row);
        this.changed.set(row.key, row);
      }
    });
    if (rejected.length > 0) {
      throw new ServiceError(
        'RejectedRecordsException',
        419,
        'One or more records have been rejected. See RejectedRecords for details.',
        { RejectedRecords: rejected },
      );
    }
    return { RecordsIngested: { Total: rows.length, MemoryStore: rows.length, MagneticStore: 0 } };
  }

  #refusal(row: StoredRow): string | undefined {
    const now = this.#now();
    const size = rowBytes(row);
    if (size > 2_048) return `The record size ${size} is larger than 2048 bytes.`;
    if (row.timeMs > now + MOST_AHEAD_MS)
      return 'The record timestamp is outside the time range [past, now + 15 minutes).';
    if (row.timeMs < this.floorMs)
      return 'The record timestamp is outside the retention period of the magnetic store.';
    if (row.timeMs < now - this.setup.memoryHours * HOUR_MS && !this.setup.magneticWrites) {
      return 'The record timestamp is outside the retention period of the memory store.';
    }
    return undefined;
  }
}

const TWICE = 'The record stands twice in the request.';

function replaces(row: StoredRow, existing: StoredRow): boolean {
  return row.version > existing.version;
}

function isSame(row: StoredRow, existing: StoredRow): boolean {
  return (
    row.version === existing.version &&
    Object.entries(row.measures).every(([name, value]) => Object.is(existing.measures[name], value))
  );
}

function toRow(common: WireRecord, record: WireRecord): StoredRow {
  const merged = { ...common, ...record };
  const dimensions = [...(common.Dimensions ?? []), ...(record.Dimensions ?? [])];
  const byName = Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value]));
  if (Object.keys(byName).length < dimensions.length) throw validation('Dimensions may not overlap.');
  if (dimensions.length > 128) throw validation('A record has at most 128 dimensions.');
  for (const { Name, Value } of dimensions) {
    if (!within(Name, 1, 60)) throw validation('A dimension name has 1 to 60 bytes.');
    if (typeof Value !== 'string' || Value === '') throw validation('A dimension value is empty.');
  }
  const { MeasureName = '', Time = '', TimeUnit = 'MILLISECONDS', Version = 1 } = merged;
  if (!within(MeasureName, 1, 256)) throw validation('A measure name has 1 to 256 bytes.');
  if (!Number.isSafeInteger(Version) || Version < 1) throw validation('Version must be 1 or greater.');
  const unit = UNIT_MS[TimeUnit];
  if (unit === undefined || !/^\d{1,19}$/.test(Time))
    throw validation('Time is not a number of a known unit.');
  const timeMs = Number(Time) * unit;
  return {
    key: JSON.stringify([Object.entries(byName).sort(), MeasureName, timeMs]),
    timeMs,
    measureName: MeasureName,
    dimensions: byName,
    measures: measuresOf(merged),
    version: Version,
  };
}

function measuresOf(record: WireRecord): Record<string, number> {
  const { MeasureValueType: Type = 'DOUBLE', MeasureValue: Value, MeasureValues } = record;
  if (Type === 'MULTI') {
    if (Value !== undefined || MeasureValues === undefined || MeasureValues.length < 1) {
      throw validation('A record of type MULTI has MeasureValues and no MeasureValue.');
    }
    return Object.fromEntries(MeasureValues.map((measure) => [measure.Name, numberOf(measure)]));
  }
  if (Value === undefined || MeasureValues !== undefined) throw validation('A record has one MeasureValue.');
  return { [`measure_value::${Type.toLowerCase()}`]: numberOf({ Name: '', Value, Type }) };
}

function numberOf({ Value, Type }: Measure): number {
  const pattern = Type === 'BIGINT' ? /^-?\d{1,19}$/ : /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
  const value = Number(Value);
  if (!['BIGINT', 'DOUBLE'].includes(Type) || !pattern.test(Value) || !Number.isFinite(value)) {
    throw validation(`The value ${Value} is not of type ${Type}.`);
  }
  return value;
}

function within(text: string, least: number, most: number): boolean {
  const bytes = Buffer.byteLength(text);
  return bytes >= least && bytes <= most;
}

function rowBytes(row: StoredRow): number {
  const texts = [...Object.entries(row.dimensions).flat(), row.measureName, ...Object.keys(row.measures)];
  return Buffer.byteLength(texts.join('')) + 8 + 8 * Object.keys(row.measures).length;
}

/** Bytes of a call as it is billed: what stands in `CommonAttributes` counts once. */
export function billedBytes({ CommonAttributes = {}, Records = [] }: WireCall): number {
  return [CommonAttributes, ...Records].reduce((sum, record) => {
    const { Dimensions = [], MeasureName = '', MeasureValues = [], MeasureValue, Time } = record;
    const texts = [
      MeasureName,
      ...Dimensions.flatMap(({ Name, Value }) => [Name, Value]),
      ...MeasureValues.map(({ Name }) => Name),
    ];
    const values = MeasureValues.length + (MeasureValue === undefined ? 0 : 1) + (Time === undefined ? 0 : 1);
    return sum + Buffer.byteLength(texts.join('')) + 8 * values;
  }, 0);
}
