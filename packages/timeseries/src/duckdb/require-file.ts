import { existsSync } from 'node:fs';
import { StoreConfigError } from '../errors.ts';
import { IN_MEMORY } from './config.ts';

/** Throws a `StoreConfigError` when the database would begin empty. */
export function requireFile(path: string): void {
  if (path === IN_MEMORY) throw new StoreConfigError(['a database in memory is always empty']);
  if (!existsSync(path)) throw new StoreConfigError([`there is no file ${path}`]);
}
