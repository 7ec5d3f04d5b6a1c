import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ReceivedMessage } from '@furrow/queue';
import { UsageError } from '../errors.ts';

/** A new file of messages as they lay on the queue, a line of JSON each; readable by its owner only. */
export class MessageArchive {
  readonly #file: FileHandle;
  readonly #path: string;
  #lines = 0;

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Makes the file. Throws UsageError when it is there already or cannot be made. */
  static async create(path: string): Promise<MessageArchive> {
    try {
      const file = await open(path, 'wx', 0o600);
      await syncFolder(dirname(resolve(path)));
      return new MessageArchive(file, path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`cannot make the file ${path}: ${reason}`, { cause: error });
    }
  }

  /** Resolves when the messages are on the disk. */
  async add(messages: readonly ReceivedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    await this.#file.appendFile(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
    await this.#file.sync();
    this.#lines += messages.length;
  }

  /** Closes the file; one to which nothing was added is removed. */
  async close(): Promise<void> {
    await this.#file.close();
    if (this.#lines === 0) await rm(this.#path, { force: true });
  }
}

/** A file survives a power cut only when its folder knows of it; systems that cannot sync a folder are left to themselves. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
