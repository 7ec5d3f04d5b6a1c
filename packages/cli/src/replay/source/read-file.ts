import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { unreadable } from '../../errors.ts';

/** The bytes of a file, unpacked when its name ends in `.gz`. Rejects with UsageError when it cannot be read. */
export async function* readFileBytes(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path);
  const stream = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => {}) : file;
  try {
    yield* stream;
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    file.destroy();
  }
}

/** The name of a file without `.gz`. */
export function unpackedName(path: string): string {
  return path.replace(/\.gz$/, '');
}
