import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client, type ClientConfig, Pool } from 'pg';
import { RegistryOpenError } from '../errors.ts';
import { asRegistryError } from './database-error.ts';
import type { Engine, EngineOptions } from './engine.ts';

/** The advisory lock under which one process at a time migrates; any number that nothing else in the database uses. */
const MIGRATION_LOCK = 7_316_582_004;

/** How long a start waits for another process that migrates, in milliseconds. */
const MIGRATION_TIMEOUT_MS = 60_000;

/**
 * Connects to a PostgreSQL server (15 or later) and applies the migrations; processes that start together take turns. A
 * server that does not answer is {@link RegistryUnavailable}; a login that it refuses, or a failed migration, {@link
 * RegistryOpenError}.
 */
export async function openPostgres(
  login: ClientConfig,
  address: string,
  options: EngineOptions,
): Promise<Engine> {
  const connection: ClientConfig = {
    ...login,
    application_name: 'furrow',
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
  };
  try {
    await migrateAlone(connection, options.migrationsFolder);
  } catch (error) {
    throw asRegistryError(error, (cause) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      return new RegistryOpenError(`the registry at ${address} does not open: ${why}`, { cause });
    });
  }
  const pool = new Pool({
    ...connection,
    max: options.maxConnections,
    statement_timeout: options.statementTimeoutMs,
    // The server enforces the limit above; this one is for a server that has gone silent.
    query_timeout: options.statementTimeoutMs + options.connectTimeoutMs,
  });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  let closing: Promise<void> | undefined;
  return {
    name: 'postgres',
    address,
    db: drizzle({ client: pool }),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  };
}

async function migrateAlone(connection: ClientConfig, migrationsFolder: string): Promise<void> {
  // client_min_messages: "already exists, skipping" is no news.
  const client = new Client({
    ...connection,
    statement_timeout: MIGRATION_TIMEOUT_MS,
    options: '-c client_min_messages=warning',
  });
  // A connection that breaks fails the statement under way; the event adds nothing.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await migrate(drizzle({ client }), { migrationsFolder });
  } finally {
    // Ends the session, and with it the lock.
    await client.end();
  }
}
