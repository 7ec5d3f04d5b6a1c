import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { unreadable } from '../../errors.ts';
import { EntryReader, MAX_ENTRY_BYTES } from './entry-reader.ts';
import { readFileBytes, unpackedName } from './read-file.ts';
import { readNdjson } from './read-ndjson.ts';
import { type ReplaySource, recordedSource, type SourceEntry } from './source-message.ts';

const LINES = /\.(?:ndjson|jsonl)$/i;
const BODY = /\.(?:json|txt|body)$/i;
/** Objects of an archive often have a key and no extension; with another one they are something else. */
const ANY_EXTENSION = /\.[A-Za-z][A-Za-z0-9]{0,7}$/;

/**
 * An archive of messages: every file below a folder, by name, folder by folder. `.ndjson` and `.jsonl` hold a message a line, `.json` and
 * files without an extension one; each may end in `.gz`. Any other file is an entry that says that it was left out.
 */
export function folderSource(folder: string): ReplaySource {
  return recordedSource(folder, true, async function* () {
    const reader = new EntryReader();
    yield* readFolder(reader, folder, folder);
    yield* reader.incomplete();
  });
}

async function* readFolder(reader: EntryReader, root: string, folder: string): AsyncGenerator<SourceEntry> {
  const children = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  children.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const child of children) {
    const path = join(folder, child.name);
    const where = relative(root, path);
    if (child.isDirectory()) yield* readFolder(reader, root, path);
    else if (!child.isFile()) yield { ok: false, where, problem: 'not a file' };
    else yield* readArchiveFile(reader, path, where);
  }
}

async function* readArchiveFile(
  reader: EntryReader,
  path: string,
  where: string,
): AsyncGenerator<SourceEntry> {
  const name = unpackedName(path);
  const isBody = BODY.test(name) || !ANY_EXTENSION.test(name);
  if (!LINES.test(name) && !isBody) {
    yield { ok: false, where, problem: 'a foreign file: neither .json nor .ndjson, packed or not' };
    return;
  }
  try {
    if (!isBody) {
      yield* readNdjson(readFileBytes(path), reader, `${where} `);
      return;
    }
    const entry = await readBodyFile(reader, path, where);
    if (entry) yield entry;
  } catch (error) {
    // One damaged object must not end the replay of a whole archive.
    yield { ok: false, where, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function readBodyFile(
  reader: EntryReader,
  path: string,
  where: string,
): Promise<SourceEntry | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readFileBytes(path)) {
    bytes += chunk.length;
    if (bytes > MAX_ENTRY_BYTES)
      return { ok: false, where, problem: `over ${MAX_ENTRY_BYTES} bytes, too long for one message` };
    chunks.push(chunk);
  }
  return await reader.read(Buffer.concat(chunks).toString('utf8'), where);
}
