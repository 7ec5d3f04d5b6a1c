import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { type RegistryError, RegistryOpenError } from '../errors.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { asRegistryError } from './database-error.ts';
import type { Engine, EngineOptions } from './engine.ts';

/**
 * Opens PGlite (PostgreSQL in this process) in a directory, which is made when it is not there, or in memory (`null`), and
 * applies the migrations.
 *
 * What was committed survives the death of the process, also by SIGKILL; PGlite does not flush to the disk at each commit,
 * so the last moments before a power cut may be lost. A start that is killed halfway leaves nothing that the next start
 * stumbles over.
 */
export async function openPglite(directory: string | null, options: EngineOptions): Promise<Engine> {
  if (directory === null) return await start('memory://', 'pglite::memory:', options, () => undefined);
  const path = resolve(directory);
  try {
    mkdirSync(dirname(path), { recursive: true });
    const lock = lockDataDir(path);
    try {
      const unfinished = clearUnfinished(path);
      const engine = await start(path, `pglite:${directory}`, options, lock.release);
      rmSync(unfinished, { force: true });
      return engine;
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    throw openError(directory, error);
  }
}

/**
 * Marks a directory that is being made for the first time. A mark that is there already is one whose start was killed:
 * nothing in that directory was ever used, and half a database does not start, so it is made anew. Returns the mark.
 */
function clearUnfinished(path: string): string {
  const mark = `${path}.unfinished`;
  if (existsSync(mark)) rmSync(path, { recursive: true, force: true });
  if (!existsSync(path) || readdirSync(path).length === 0) writeFileSync(mark, '');
  return mark;
}

async function start(
  dataDir: string,
  address: string,
  options: EngineOptions,
  release: () => void,
): Promise<Engine> {
  const client = await PGlite.create(dataDir);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (client.closed ? Promise.resolve() : client.close()).finally(release);
    return closing;
  };
  try {
    const db = drizzle({ client });
    await migrate(db, { migrationsFolder: options.migrationsFolder });
    return { name: 'pglite', address, db, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openError(directory: string, error: unknown): RegistryError {
  return asRegistryError(error, (cause) => {
    return new RegistryOpenError(`the registry in ${directory} does not open: ${reasonOf(cause)}`, { cause });
  });
}

/** What PGlite's own file system throws is no Error, and says a number of Emscripten's (44 is a missing file, 63 a forbidden one). */
function reasonOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  const errno = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'errno') : undefined;
  return errno === undefined ? String(cause) : `its files cannot be used (error ${errno} of its file system)`;
}
