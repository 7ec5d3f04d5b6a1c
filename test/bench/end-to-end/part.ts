import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** A process of a benchmark: it says where it is when it has begun, answers questions about itself, and ends when it is told to. */
export class Part {
  readonly #child: ChildProcess;
  readonly #name: string;
  /** What the process said when it had begun. */
  readonly opening: string;

  private constructor(child: ChildProcess, name: string, opening: string) {
    this.#child = child;
    this.#name = name;
    this.opening = opening;
  }

  /** Starts a script of this folder; rejects when it ends before it has begun. */
  static async start(
    script: string,
    args: readonly string[] = [],
    execArgv: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Part> {
    const options = { execArgv: [...execArgv], env: { ...process.env, ...env } };
    const child = fork(resolve(import.meta.dirname, script), [...args], options);
    return new Part(child, script, await nextMessage<string>(child, script));
  }

  /** The process's answer to a question; rejects when it ends instead. */
  async ask<T>(question: string): Promise<T> {
    const answer = nextMessage<T>(this.#child, this.#name);
    this.#child.send(question);
    return answer;
  }

  /** Tells the process to end, and waits until it has. Idempotent. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }
}

/** What a part answers with: a function for each question. Without a parent any more, the process ends by itself after `end`. */
export function servePart(
  opening: string,
  answers: Readonly<Record<string, () => unknown>>,
  end: () => Promise<void>,
): void {
  process.on('message', async (question: string) => {
    const answer = answers[question];
    if (answer === undefined) throw new Error(`nobody asks "${question}" here`);
    process.send?.((await answer()) ?? null);
  });
  process.once('disconnect', () => void end().then(() => process.exit(0)));
  process.send?.(opening);
}

async function nextMessage<T>(child: ChildProcess, name: string): Promise<T> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      once(child, 'message', { signal: ended.signal }).then(([message]) => message as T),
      once(child, 'exit', { signal: ended.signal }).then(([code]) => {
        throw new Error(`${name} ended with ${code}`);
      }),
    ]);
  } finally {
    ended.abort();
  }
}
