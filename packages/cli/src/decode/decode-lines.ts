import type { Writable } from 'node:stream';
import { writeText } from '../terminal/write-text.ts';
import { decodeLine } from './decode-line.ts';
import { type Line, LineSplitter } from './line-splitter.ts';

/** Answers are written together, about so many characters at a time. */
const WRITE_LENGTH = 64 * 1024;

/**
 * Answers every line of the input with one line, in order. Reads on only when what was written has been taken, so memory stays the same
 * for any length of input. Ends early, without an error, when nobody reads the output any more. Rejects when the input fails.
 */
export async function decodeLines(input: AsyncIterable<Uint8Array>, output: Writable): Promise<void> {
  const splitter = new LineSplitter();
  let answers = '';
  const answer = async (lines: Iterable<Line>): Promise<boolean> => {
    for (const line of lines) {
      answers += `${JSON.stringify(decodeLine(line))}\n`;
      if (answers.length >= WRITE_LENGTH && !(await flush())) return false;
    }
    return true;
  };
  const flush = async (): Promise<boolean> => {
    const text = answers;
    answers = '';
    return text === '' || (await writeText(output, text));
  };
  for await (const chunk of input) {
    // What there is goes out before the next chunk: whoever types or pipes line by line is answered line by line.
    if (!(await answer(splitter.push(chunk))) || !(await flush())) return;
  }
  if (await answer(splitter.end())) await flush();
}
