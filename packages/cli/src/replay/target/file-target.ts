import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { UsageError } from '../../errors.ts';
import { writeText } from '../../terminal/write-text.ts';
import type { ReplayTarget } from './replay-target.ts';

/** A new file of messages that can be replayed. Throws UsageError when it is there already or cannot be made. */
export async function openFileTarget(path: string): Promise<ReplayTarget> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot make the file ${path}: ${reason}`, { cause: error });
  });
  const output = createWriteStream(path, { fd: file, highWaterMark: 1024 * 1024 });
  return {
    description: path,
    inFlight: 64,
    send: async ({ message, uplink }) => {
      const { body, attributes, groupId } = message;
      // An envelope says all by itself; what lies beside any other body must go with it.
      const texts = Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
      const named = { ...texts, ...(groupId !== undefined && { messageGroupId: groupId }) };
      const line = uplink?.form === 'envelope' ? body : JSON.stringify({ body, attributes: named });
      await writeText(output, `${line}\n`);
      return { ok: true, malformed: 0 };
    },
    close: async () => {
      await new Promise<void>((resolve) => output.end(resolve));
    },
  };
}
