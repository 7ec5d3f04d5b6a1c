import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { StoreCorruptError, StoreLockedError } from '../errors.ts';
import { type DuckDbConfig, IN_MEMORY } from './config.ts';
import { ConnectionPool } from './connection-pool.ts';
import { openingError } from './errors.ts';
import { createSchema, LAYOUT_VERSION, OLDEST_LAYOUT, upgradeLayout } from './layout.ts';

/** Writes wait for each other; the ingest worker has one, so more than a few mean a mistake. */
const MOST_WAITING_WRITES = 64;
const MOST_WAITING_READS = 1_000;

/**
 * Files open in this process. The system's lock on the file keeps other processes out, but not a second instance of DuckDB in
 * the same one, which would silently corrupt the file.
 */
const openFiles = new Set<string>();

/** An open database: one connection that writes, some that read. */
export interface Database {
  readonly writer: ConnectionPool;
  readonly readers: ConnectionPool;
  /** Waits for running calls, brings the log into the file, and lets go of it. */
  close(): Promise<void>;
}

/**
 * Opens or creates the database with its tables, and the file's folder on the way. A file of an older layout is brought to this one first,
 * about a second for each million points. Rejects with `StoreLockedError`,
 * `StoreCorruptError` or `StoreUnavailableError`.
 */
export async function openDatabase(config: DuckDbConfig): Promise<Database> {
  const path = await claim(config.path);
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(path, vendorOptions(config));
    const writer = await ConnectionPool.open(instance, 1, MOST_WAITING_WRITES);
    await ensureSchema(writer, path);
    const readers = await ConnectionPool.open(instance, config.readers, MOST_WAITING_READS);
    return { writer, readers, close: () => closeDatabase(path, instance, [readers, writer]) };
  } catch (cause) {
    instance?.closeSync();
    openFiles.delete(path);
    throw openingError(path, cause);
  }
}

async function closeDatabase(
  path: string,
  instance: DuckDBInstance | undefined,
  pools: readonly ConnectionPool[],
): Promise<void> {
  for (const pool of pools) await pool.close();
  instance?.closeSync();
  openFiles.delete(path);
}

/** Creates the folder and reserves the file for this process; returns its real path, so that links count as the same file. */
async function claim(path: string): Promise<string> {
  if (path === IN_MEMORY) return path;
  let real: string;
  try {
    await mkdir(dirname(path), { recursive: true });
    real = await realpath(path).catch(async () => join(await realpath(dirname(path)), basename(path)));
  } catch (cause) {
    throw openingError(path, cause);
  }
  if (openFiles.has(real)) throw new StoreLockedError(real, process.pid);
  openFiles.add(real);
  return real;
}

function vendorOptions(config: DuckDbConfig): Record<string, string> {
  return {
    memory_limit: config.memoryLimit,
    threads: String(config.threads),
    checkpoint_threshold: config.checkpointThreshold,
    // DuckDB reads a short page twice, its keys first, which pays for wide tables; these have four columns, and it doubles the page's cost.
    late_materialization_max_rows: '0',
    // Nothing here reads outside files or loads extensions: a smaller surface, and no surprise downloads.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // A database in memory would otherwise spill into a folder of the working directory.
    ...(config.path === IN_MEMORY ? { temp_directory: '' } : {}),
  };
}

async function ensureSchema(writer: ConnectionPool, path: string): Promise<void> {
  await writer.use(async (connection) => {
    const tables = await connection.runAndReadAll(
      "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'",
    );
    const names = tables.getRows().map(([name]) => name);
    if (names.length === 0) {
      await createSchema(connection);
      return;
    }
    if (!names.includes('layout')) throw new StoreCorruptError(path, 'it is a database of something else');
    const layout = await connection.runAndReadAll('SELECT max(version) FROM layout');
    const version = Number(layout.getRows()[0]?.[0]);
    if (!(version >= OLDEST_LAYOUT && version <= LAYOUT_VERSION)) {
      throw new StoreCorruptError(
        path,
        `its layout is ${version}, this program reads ${OLDEST_LAYOUT} to ${LAYOUT_VERSION}`,
      );
    }
    await upgradeLayout(connection, version);
  });
}
