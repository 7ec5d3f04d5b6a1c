import { stat } from 'node:fs/promises';
import { UsageError, unreadable } from '../../errors.ts';
import { readMapping } from './csv-mapping.ts';
import { csvSource } from './csv-source.ts';
import { folderSource } from './folder-source.ts';
import { ndjsonSource } from './ndjson-source.ts';
import { readFileBytes, unpackedName } from './read-file.ts';
import type { ReplaySource } from './source-message.ts';

/**
 * The source that a path names: a folder, a CSV file (by its mapping), NDJSON, or `-` for NDJSON or CSV on standard input. Throws
 * UsageError when there is no such file, or when mapping and file do not go together.
 */
export async function openSource(path: string, mappingFile: string | undefined): Promise<ReplaySource> {
  const standardInput = path === '-';
  if (!standardInput) {
    const found = await stat(path).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    if (found.isDirectory()) {
      if (mappingFile !== undefined)
        throw new UsageError('--mapping goes with a CSV file, not with a folder');
      return folderSource(path);
    }
  }
  const open = (): AsyncIterable<Uint8Array> => (standardInput ? process.stdin : readFileBytes(path));
  const description = standardInput ? 'standard input' : path;
  if (mappingFile !== undefined) {
    return csvSource(description, open, await readMapping(mappingFile), mappingFile, !standardInput);
  }
  if (unpackedName(path).endsWith('.csv'))
    throw new UsageError(`${path} needs --mapping <file.json>, which says what its columns mean`);
  return ndjsonSource(description, open, !standardInput);
}
