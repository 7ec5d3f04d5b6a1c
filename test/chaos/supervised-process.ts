import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FurrowProcess } from '../support/furrow-process.ts';

export interface SupervisedProcessOptions {
  readonly name: string;
  /** Arguments of the `furrow` command. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where it answers `/readyz` and `/metrics`. */
  readonly url: string;
  /** File to which all that it prints is added. */
  readonly logFile: string;
  /** Told when it is gone, however it ended. */
  readonly onExit?: () => void;
}

const RESTART_MS = 300;
const LOOK_MS = 100;

/** A `furrow` process that is started again whenever it ends, as an orchestrator does. */
export class SupervisedProcess {
  readonly counts = {
    starts: 0,
    /** Ended before it was ready, without being told to: what it needs was not there. */
    failedStarts: 0,
    /** Ended after it was ready, without being told to. There should be none. */
    crashes: 0,
    /** Did not end with 0 after SIGTERM. */
    uncleanStops: 0,
  };
  readonly #options: SupervisedProcessOptions;
  #process: FurrowProcess | undefined;
  #told: NodeJS.Signals | undefined;
  #isReady = false;
  #closing = false;
  #running: Promise<void> | undefined;

  constructor(options: SupervisedProcessOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get url(): string {
    return this.#options.url;
  }

  /** Undefined while it is down. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    this.#running ??= this.#supervise();
  }

  /** Resolves when it is ready for work. */
  async ready(): Promise<void> {
    while (!this.#isReady) await sleep(LOOK_MS);
  }

  /** Ends the process; it is started again. */
  end(signal: NodeJS.Signals): void {
    if (this.#process === undefined) return;
    this.#told = signal;
    this.#process.kill(signal);
  }

  /** Ends it for good with SIGTERM. */
  async close(): Promise<void> {
    this.#closing = true;
    this.end('SIGTERM');
    await this.#running;
  }

  async #supervise(): Promise<void> {
    while (!this.#closing) {
      await this.#runOnce();
      if (!this.#closing) await sleep(RESTART_MS);
    }
  }

  async #runOnce(): Promise<void> {
    const furrow = new FurrowProcess(this.#options.args, this.#options.env);
    const startedAt = new Date();
    this.counts.starts += 1;
    this.#told = undefined;
    this.#process = furrow;
    const looking = new AbortController();
    void this.#lookUntilReady(looking.signal);
    const code = await furrow.exited();
    looking.abort();
    this.#process = undefined;
    if (this.#told === 'SIGTERM' && this.#isReady && code !== 0) this.counts.uncleanStops += 1;
    if (this.#told === undefined) this.counts[this.#isReady ? 'crashes' : 'failedStarts'] += 1;
    this.#isReady = false;
    this.#options.onExit?.();
    const [from, to] = [startedAt, new Date()].map((at) => at.toISOString());
    const end = `${this.#told ?? 'by itself'}, ${code}`;
    await appendFile(this.#options.logFile, `--- ${from}\n${furrow.output}--- ${to} ended: ${end}\n\n`);
  }

  async #lookUntilReady(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const answer = await fetch(`${this.#options.url}/readyz`, { signal }).catch(() => undefined);
      await answer?.body?.cancel();
      if (signal.aborted) return;
      if (answer?.ok) {
        this.#isReady = true;
        return;
      }
      await sleep(LOOK_MS);
    }
  }
}
