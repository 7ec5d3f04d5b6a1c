import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const MAIN = resolve(ROOT, 'packages/cli/src/main.ts');

/** Variables that a test's processes never take from whoever runs the tests, when it gives its own. */
const OURS = /^(FURROW_|AWS_)/;

/** What a finished command left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `furrow` as a process of its own, as a user does; it ends with the test at the latest. */
export function startFurrow(
  args: readonly string[],
  nodeFlags: readonly string[] = [],
  variables?: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  const inherited = Object.entries(process.env).filter(([name]) => !OURS.test(name));
  const env = variables && { ...Object.fromEntries(inherited), ...variables };
  const child = spawn(process.execPath, [...nodeFlags, MAIN, ...args], { cwd: ROOT, ...(env && { env }) });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs `furrow` to its end on the given standard input. */
export async function runFurrow(
  args: readonly string[],
  input: string | Buffer = '',
  variables?: Readonly<Record<string, string>>,
): Promise<Finished> {
  const child = startFurrow(args, [], variables);
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, stdout: await stdout, stderr: await stderr };
}

/** Everything that a stream carries, as text. */
export async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
