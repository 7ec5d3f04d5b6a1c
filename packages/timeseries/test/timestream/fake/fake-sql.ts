import { DuckDBInstance } from '@duckdb/node-api';
import type { FakeTable } from './fake-table.ts';
import { validation } from './faults.ts';

/** A query's answer before it is cut into pages: cells as the service writes them. */
export interface Answer {
  readonly rows: readonly (readonly string[])[];
  readonly bytesScanned: number;
}

const COLUMNS = ['org_id', 'project_id', 'device', 'agri_id', 'measure_name'] as const;
/** Functions of Timestream's reference that the fake knows, after https://docs.aws.amazon.com/timestream/latest/developerguide/reference.html */
const FUNCTIONS = new Set([
  'to_milliseconds',
  'from_milliseconds',
  'max_by',
  'max',
  'min',
  'avg',
  'count',
  'row_number',
  'is_finite',
]);
/** Words before a parenthesis that are no functions. */
const WORDS = new Set(['as', 'where', 'over', 'and', 'or', 'in', 'from', 'when', 'by']);
/** What DuckDB takes and Timestream's SELECT does not list. */
const FOREIGN =
  /\b(?:offset|qualify|ilike|using|returning|insert|update|delete|drop|create|copy|attach|pragma)\b|::|\/\/|;|--|\/\*/i;

/**
 * Runs the engine's SELECT statements for real, in DuckDB, whose dialect agrees with Trino's in all that the guard lets through: WITH,
 * window functions, GROUP BY and ORDER BY positions, BETWEEN, comparisons of texts by code point, quoting of texts and names. The guard
 * refuses functions and words that Timestream does not document, and statements that do not bound `time`.
 *
 * Not shown by this: Timestream's planner, its costs, its text of syntax errors, and rows that show late.
 */
export class FakeSql {
  readonly #instance: Promise<DuckDBInstance>;
  readonly #database: string;
  readonly #table: string;
  #ready: Promise<Awaited<ReturnType<DuckDBInstance['connect']>>> | undefined;
  #isClosed = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(database: string, table: string) {
    this.#database = database;
    this.#table = table;
    this.#instance = DuckDBInstance.create(':memory:', { threads: '1' });
  }

  /** One statement at a time, on everything that the table holds when it begins. */
  run(statement: string, table: FakeTable): Promise<Answer> {
    if (this.#isClosed) throw validation('the fake is closed');
    const answer = this.#queue.then(() => this.#run(statement, table));
    this.#queue = answer.catch(() => undefined);
    return answer;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#queue;
    (await this.#ready)?.disconnectSync();
    (await this.#instance).closeSync();
  }

  async #run(statement: string, table: FakeTable): Promise<Answer> {
    guard(statement, this.#database, this.#table);
    if (table.rows.size === 0) throw validation(`line 1:8: Column 'agri_id' does not exist`);
    this.#ready ??= this.#open();
    const connection = await this.#ready;
    await this.#take(connection, table);
    // What the service has expired is gone, whatever the query asks for.
    await connection.run(`DELETE FROM ${this.#name} WHERE time < from_milliseconds(${table.floorMs})`);
    try {
      const reader = await connection.runAndReadAll(statement);
      const doubles = reader.columnTypes().map((type) => String(type) === 'DOUBLE');
      const rows = reader.getRows().map((row) => row.map((cell, at) => cellText(cell, doubles[at] === true)));
      return { rows, bytesScanned: table.rows.size * 60 };
    } catch (cause) {
      throw validation(cause instanceof Error ? cause.message : String(cause));
    }
  }

  get #name(): string {
    return `"${this.#database}"."${this.#table}"`;
  }

  async #open() {
    const connection = await (await this.#instance).connect();
    await connection.run(`
      CREATE SCHEMA "${this.#database}";
      CREATE TABLE ${this.#name} (
        key VARCHAR, time TIMESTAMP, ${COLUMNS.map((name) => `${name} VARCHAR`).join(', ')}, value DOUBLE, version BIGINT
      );
      CREATE MACRO from_milliseconds(ms) AS make_timestamp(ms * 1000);
      CREATE MACRO to_milliseconds(t) AS epoch_ms(t);
      CREATE MACRO is_finite(x) AS isfinite(x);`);
    return connection;
  }

  async #take(connection: Awaited<ReturnType<DuckDBInstance['connect']>>, table: FakeTable): Promise<void> {
    const rows = [...table.changed.values()];
    table.changed = new Map();
    if (rows.length === 0) return;
    await connection.run('CREATE OR REPLACE TEMP TABLE fresh (key VARCHAR)');
    const keys = await connection.createAppender('fresh', 'main', 'temp');
    for (const { key } of rows) {
      keys.appendVarchar(key);
      keys.endRow();
    }
    keys.closeSync();
    await connection.run(`DELETE FROM ${this.#name} WHERE key IN (SELECT key FROM temp.fresh)`);
    await connection.run(
      'CREATE OR REPLACE TEMP TABLE staging AS SELECT key, 0::BIGINT AS ms, * EXCLUDE (key, time) FROM ' +
        `${this.#name} LIMIT 0`,
    );
    const appender = await connection.createAppender('staging', 'main', 'temp');
    for (const row of rows) {
      appender.appendVarchar(row.key);
      appender.appendBigInt(BigInt(row.timeMs));
      for (const name of COLUMNS) {
        const text = name === 'measure_name' ? row.measureName : row.dimensions[name];
        if (text === undefined) appender.appendNull();
        else appender.appendVarchar(text);
      }
      appender.appendDouble(row.measures['value'] ?? Number.NaN);
      const version = row.measures['version'];
      if (version === undefined) appender.appendNull();
      else appender.appendBigInt(BigInt(version));
      appender.endRow();
    }
    appender.closeSync();
    await connection.run(
      `INSERT INTO ${this.#name} SELECT key, from_milliseconds(ms), * EXCLUDE (key, ms) FROM temp.staging`,
    );
  }
}

/** Refuses what Timestream would not run. Looks only outside of quotes. */
function guard(statement: string, database: string, table: string): void {
  if (Buffer.byteLength(statement) > 262_144) throw validation('The query string is longer than 256 KB.');
  const bare = statement.replaceAll(/'(?:[^']|'')*'/g, '?').replaceAll(/"(?:[^"]|"")*"/g, 'name');
  const foreign = FOREIGN.exec(bare);
  if (foreign !== null) throw validation(`line 1:1: mismatched input '${foreign[0]}'`);
  if (/['"]/.test(bare)) throw validation('line 1:1: a quote is not closed');
  for (const [, word = ''] of bare.matchAll(/([a-z_]+)\s*\(/gi)) {
    if (!FUNCTIONS.has(word.toLowerCase()) && !WORDS.has(word.toLowerCase())) {
      throw validation(`line 1:1: Function ${word} not registered`);
    }
  }
  if (!/\btime BETWEEN from_milliseconds\(\d+\) AND from_milliseconds\(\d+\)/.test(bare)) {
    throw validation('the fake takes only statements that bound time');
  }
  const from = /FROM\s+"((?:[^"]|"")+)"\."((?:[^"]|"")+)"/.exec(statement);
  if (from?.[1] !== database) {
    throw validation(
      `Requested database '${from?.[1]}' not found for identifier '${from?.[1]}.${from?.[2]}' at line 1:15`,
    );
  }
  if (from[2] !== table) throw validation(`Table '${from[2]}' does not exist`);
}

function cellText(cell: unknown, isDouble: boolean): string {
  return isDouble && typeof cell === 'number' ? javaDouble(cell) : String(cell);
}

/** A double as Java writes it, which the service does: `21.5`, `1.0E10`, `4.9E-324`. */
export function javaDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  if (size === 5e-324) return value < 0 ? '-4.9E-324' : '4.9E-324';
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}
