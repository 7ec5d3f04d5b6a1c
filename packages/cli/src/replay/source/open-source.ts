import { stat } from 'node:fs/promises';
import { UsageError, unreadable } from '../../errors.ts';
import { readMapping } from './csv-mapping.ts';
import { EntryReader } from './entry-reader.ts';
import { folderSource } from './folder-source.ts';
import { readCsv } from './read-csv.ts';
import { readFileBytes, unpackedName } from './read-file.ts';
import { readNdjson } from './read-ndjson.ts';
import { type ReplaySource, recordedSource } from './source-message.ts';

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
    const mapping = await readMapping(mappingFile);
    return recordedSource(description, !standardInput, () => readCsv(open(), mapping, mappingFile));
  }
  if (unpackedName(path).endsWith('.csv'))
    throw new UsageError(`${path} needs --mapping <file.json>, which says what its columns mean`);
  return recordedSource(description, !standardInput, async function* () {
    const reader = new EntryReader();
    yield* readNdjson(open(), reader);
    yield* reader.incomplete();
  });
}
