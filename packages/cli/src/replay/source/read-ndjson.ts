import { type Line, LineSplitter } from '../../decode/line-splitter.ts';
import { type EntryReader, MAX_ENTRY_BYTES } from './entry-reader.ts';
import type { SourceEntry } from './source-message.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The messages of NDJSON, a line each. A line that is broken, not UTF-8 or longer than 3 MiB is an entry that says so and costs nothing
 * else; empty lines are none. `prefix` stands before `line 12`. What the reader waits for at the end is the caller's to ask.
 */
export async function* readNdjson(
  input: AsyncIterable<Uint8Array>,
  reader: EntryReader,
  prefix = '',
): AsyncGenerator<SourceEntry> {
  const splitter = new LineSplitter(MAX_ENTRY_BYTES);
  let number = 0;
  for await (const chunk of input) {
    for (const line of splitter.push(chunk)) {
      number += 1;
      const entry = await entryOf(reader, line, `${prefix}line ${number}`);
      if (entry) yield entry;
    }
  }
  for (const line of splitter.end()) {
    const entry = await entryOf(reader, line, `${prefix}line ${number + 1}`);
    if (entry) yield entry;
  }
}

async function entryOf(reader: EntryReader, line: Line, where: string): Promise<SourceEntry | undefined> {
  if (!line.ok) {
    const problem = `${line.length} bytes long, and a line has at most ${MAX_ENTRY_BYTES}`;
    return { ok: false, where, problem };
  }
  let text: string;
  try {
    text = decoder.decode(line.bytes);
  } catch {
    return { ok: false, where, problem: 'not UTF-8' };
  }
  return text.trim() === '' ? undefined : await reader.read(text, where);
}
