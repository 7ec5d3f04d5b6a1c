import { createReadStream } from 'node:fs';
import type { DecodeOptions } from '../decode/decode-command.ts';
import { decodeFlags } from '../decode/decode-flags.ts';
import { decodeLines } from '../decode/decode-lines.ts';
import { UsageError, unreadable } from '../errors.ts';
import { writeText } from '../terminal/write-text.ts';

/**
 * `furrow decode`: answers lines of JSON from a file or standard input, or shows the one value or frame of the flags as a table. Sets the
 * exit code to 1 when that one cannot be decoded. Throws {@link UsageError} for flags that do not go together and files that cannot be read.
 */
export async function decode(file: string | undefined, options: DecodeOptions): Promise<void> {
  const hasFlags = Object.keys(options).length > 0;
  if (!hasFlags) return file === undefined ? await decodeInput() : await decodeFile(file);
  if (file !== undefined) throw new UsageError('give a file of lines, or one value by flags, not both');
  const { lines, ok } = decodeFlags(options);
  await writeText(process.stdout, `${lines.join('\n')}\n`);
  if (!ok) process.exitCode = 1;
}

async function decodeInput(): Promise<void> {
  if (process.stdin.isTTY) console.error('Reading lines of JSON from the terminal; Ctrl-D ends them.');
  await decodeLines(process.stdin, process.stdout);
}

async function decodeFile(file: string): Promise<void> {
  try {
    await decodeLines(createReadStream(file), process.stdout);
  } catch (error) {
    throw unreadable(file, error);
  }
}
