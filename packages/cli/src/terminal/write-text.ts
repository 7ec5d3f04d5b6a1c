import type { Writable } from 'node:stream';

/** What a write fails with when the reader has gone, as `| head` goes. */
const CLOSED_CODES: readonly (string | undefined)[] = [
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
];

/** Writes text. Resolves, once it has been taken, to true; to false when nobody reads any more. Rejects when writing fails otherwise. */
export async function writeText(output: Writable, text: string): Promise<boolean> {
  // The stream also reports a failed write as an event, which would end the process if nobody listened.
  if (output.listenerCount('error', ignore) === 0) output.on('error', ignore);
  return await new Promise<boolean>((resolve, reject) => {
    output.write(text, (error: NodeJS.ErrnoException | null | undefined) => {
      if (!error) resolve(true);
      else if (CLOSED_CODES.includes(error.code)) resolve(false);
      else reject(error);
    });
  });
}

function ignore(): void {}
