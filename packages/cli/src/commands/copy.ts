import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { loadConfig } from '@furrow/runtime';
import { openStore, type PointStore, StoreError, storeLogin, storePlace } from '@furrow/timeseries';
import { z } from 'zod';
import type { CopyOptions } from '../copy/copy-command.ts';
import { type CopyHeader, journalName } from '../copy/journal.ts';
import { type CopySetup, runCopy } from '../copy/run-copy.ts';
import { dateOf } from '../copy/selection.ts';
import { UsageError } from '../errors.ts';
import { writeText } from '../terminal/write-text.ts';

const EXIT_INTERRUPTED = 130;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

const secret = z.string().optional();
const secretsSchema = z.object({
  FURROW_COPY_FROM_TOKEN: secret,
  FURROW_COPY_FROM_USERNAME: secret,
  FURROW_COPY_FROM_PASSWORD: secret,
  FURROW_COPY_TO_TOKEN: secret,
  FURROW_COPY_TO_USERNAME: secret,
  FURROW_COPY_TO_PASSWORD: secret,
});

/**
 * `furrow copy`: copies points between two stores and compares them. Sets the exit code; the help says which. Throws {@link UsageError}
 * for flags and stores that it cannot work with, and the error that stopped it.
 */
export async function copy(options: CopyOptions): Promise<void> {
  if (options.dryRun && options.verifyOnly) throw new UsageError('give --dry-run or --verify-only, not both');
  const header = await headerOf(options);
  const journalFile = options.state ?? journalName(header.from, header.to);
  const stores = new Stores(options);
  const stop = new AbortController();
  // Every block and every request under way follows it.
  setMaxListeners(0, stop.signal);
  const interruption = listen(stop);
  try {
    const ok = await runCopy(setupOf(options, { header, journalFile, stores, stop }));
    if (!ok) process.exitCode = 1;
  } catch (error) {
    const advice = `${journalFile} has what is done: the same command goes on from there.`;
    const isBegun = existsSync(journalFile) && !(error instanceof UsageError);
    if (isBegun) console.error(interruption.happened() ? `Stopped. ${advice}` : advice);
    if (!interruption.happened()) throw error;
    if (!isBegun) console.error('Stopped.');
    process.exitCode = EXIT_INTERRUPTED;
  } finally {
    await stores.close();
    interruption.stopListening();
  }
}

interface Parts {
  readonly header: CopyHeader;
  readonly journalFile: string;
  readonly stores: Stores;
  readonly stop: AbortController;
}

function setupOf(options: CopyOptions, { header, journalFile, stores, stop }: Parts): CopySetup {
  return {
    mode: options.dryRun ? 'dry-run' : options.verifyOnly ? 'verify-only' : 'copy',
    header,
    selection: { projects: options.project, sinceDay: options.since },
    journalFile,
    limits: {
      giveUpAfterMs: options.patience * 1000,
      firstWaitMs: FIRST_WAIT_MS,
      longestWaitMs: LONGEST_WAIT_MS,
      onTrouble: (text) => console.error(`furrow: ${text}`),
    },
    stop,
    openFrom: () => stores.openFrom(),
    openTo: () => stores.openTo(),
    print: (line) => writeText(process.stdout, `${line}\n`),
    screen: process.stderr,
  };
}

/** Which copy this is. Throws when both stores are one. */
async function headerOf({ from, to, project, since }: CopyOptions): Promise<CopyHeader> {
  const header = {
    from: await ofFlag('--from', storePlace(from)),
    to: await ofFlag('--to', storePlace(to)),
    projects: [...new Set(project)].sort(),
    since: since === undefined ? null : dateOf(since),
  };
  if (header.from === header.to) throw new UsageError(`--from and --to are the same store, ${header.to}`);
  return header;
}

/** Both stores, opened when they are needed. */
class Stores {
  readonly #options: CopyOptions;
  readonly #secrets: z.output<typeof secretsSchema>;
  readonly #opened: PointStore[] = [];

  constructor(options: CopyOptions) {
    this.#options = options;
    this.#secrets = loadConfig(secretsSchema, process.env);
  }

  /** Not probed: a probe also asks for what only a destination must allow. */
  async openFrom(): Promise<PointStore> {
    return await this.#open('--from', this.#options.from, 'FROM', true);
  }

  async openTo(): Promise<PointStore> {
    const store = await this.#open('--to', this.#options.to, 'TO', this.#options.verifyOnly === true);
    await ofFlag('--to', store.probe());
    return store;
  }

  async close(): Promise<void> {
    for (const store of this.#opened) await store.close();
  }

  async #open(flag: string, url: string, side: 'FROM' | 'TO', mustExist: boolean): Promise<PointStore> {
    const login = async () =>
      storeLogin({
        token: this.#secrets[`FURROW_COPY_${side}_TOKEN`],
        username: this.#secrets[`FURROW_COPY_${side}_USERNAME`],
        password: this.#secrets[`FURROW_COPY_${side}_PASSWORD`],
      });
    const store = await ofFlag(flag, openStore(url, { ...(await ofFlag(flag, login())), mustExist }));
    this.#opened.push(store);
    return store;
  }
}

/** Says which of the two stores an error is about. */
async function ofFlag<T>(flag: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new UsageError(`${flag}: ${error.message}`, { cause: error });
  }
}

/** The first signal stops the copy, a second one the process. */
function listen(stop: AbortController): { happened(): boolean; stopListening(): void } {
  let happened = false;
  const onSignal = (): void => {
    if (happened) process.exit(EXIT_INTERRUPTED);
    happened = true;
    console.error('Stopping; what is under way is finished first.');
    stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    happened: () => happened,
    stopListening: () => {
      for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    },
  };
}
