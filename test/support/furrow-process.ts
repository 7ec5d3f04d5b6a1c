import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const FURROW = resolve(ROOT, 'packages/cli/src/main.ts');

/** Variables that a test's processes never take from whoever runs the tests. */
const OURS = /^(FURROW_|AWS_)/;

/** A program of Furrow as a process of its own: the `furrow` command as a user starts it, or what `main` is the file of. */
export class FurrowProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<number | null>;
  #output = '';
  #watchers: (() => void)[] = [];

  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    cwd = ROOT,
    main = FURROW,
  ) {
    const inherited = Object.entries(process.env).filter(([name]) => !OURS.test(name));
    this.#child = spawn(process.execPath, [main, ...args], {
      cwd,
      env: { ...Object.fromEntries(inherited), ...env },
    });
    const take = (chunk: Buffer): void => {
      this.#output += chunk.toString();
      this.#wake();
    };
    this.#child.stdout.on('data', take);
    this.#child.stderr.on('data', take);
    this.#exited = once(this.#child, 'close').then(([code]) => {
      this.#wake();
      return code;
    });
  }

  /** Undefined when the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Everything that was printed so far, on both streams. */
  get output(): string {
    return this.#output;
  }

  /** The first match in the output, now or later; rejects with the whole output when the process ends without it. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match) return match;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`the process ended without printing ${pattern}:\n${this.#output}`);
      }
      await new Promise<void>((wake) => this.#watchers.push(wake));
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves to the exit code, null when a signal ended it. */
  async exited(): Promise<number | null> {
    return await this.#exited;
  }

  /** Ends it however it stands; for the clean-up of a test. */
  async destroy(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #wake(): void {
    for (const wake of this.#watchers.splice(0)) wake();
  }
}
