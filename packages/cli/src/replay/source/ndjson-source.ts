import { type Line, LineSplitter, MAX_LINE_BYTES } from '../../decode/line-splitter.ts';
import { readEntry } from './read-entry.ts';
import type { ReplaySource, SourceEntry } from './source-message.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The messages of NDJSON, a line each. A line that is broken, not UTF-8 or longer than 1 MiB is an entry that says so and costs nothing
 * else; empty lines are none. `prefix` stands before `line 12`.
 */
export async function* readNdjson(
  input: AsyncIterable<Uint8Array>,
  prefix = '',
): AsyncGenerator<SourceEntry> {
  const splitter = new LineSplitter();
  let number = 0;
  for await (const chunk of input) {
    for (const line of splitter.push(chunk)) {
      number += 1;
      const entry = await entryOf(line, `${prefix}line ${number}`);
      if (entry) yield entry;
    }
  }
  for (const line of splitter.end()) {
    const entry = await entryOf(line, `${prefix}line ${number + 1}`);
    if (entry) yield entry;
  }
}

/** A file, or standard input, of NDJSON. */
export function ndjsonSource(
  description: string,
  open: () => AsyncIterable<Uint8Array>,
  repeatable: boolean,
): ReplaySource {
  return {
    description,
    newest: undefined,
    messages: undefined,
    repeatable,
    entries: () => readNdjson(open()),
  };
}

async function entryOf(line: Line, where: string): Promise<SourceEntry | undefined> {
  if (!line.ok) {
    const problem = `${line.length} bytes long, and a line has at most ${MAX_LINE_BYTES}`;
    return { ok: false, where, problem };
  }
  let text: string;
  try {
    text = decoder.decode(line.bytes);
  } catch {
    return { ok: false, where, problem: 'not UTF-8' };
  }
  return text.trim() === '' ? undefined : await readEntry(text, where);
}
