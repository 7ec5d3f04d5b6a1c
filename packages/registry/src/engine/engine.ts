import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** The Drizzle database of either engine, or a transaction in it. */
export type Database = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** A database that the registry runs on, migrated and ready. The only thing that differs between PGlite and PostgreSQL. */
export interface Engine {
  readonly name: 'pglite' | 'postgres';
  /** Where it is, without the password. */
  readonly address: string;
  readonly db: Database;
  /** Waits for what is under way, then releases everything. Idempotent. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Where the SQL migrations are. Default: the folder `migrations` of this package. */
  readonly migrationsFolder: string;
  /** Most connections to a PostgreSQL server. Default 10. PGlite has one. */
  readonly maxConnections: number;
  /** How long a connection to the server may take to be made, in milliseconds. Default 5,000. */
  readonly connectTimeoutMs: number;
  /** How long one statement may take on the server, in milliseconds. Default 30,000. */
  readonly statementTimeoutMs: number;
}
