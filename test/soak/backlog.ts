import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { benchUplink } from '../bench/fleet.ts';
import { startGeneratedQueue } from './generated-queue.ts';

/**
 * `node test/soak/backlog.ts [--messages 1000000] [--reads 1] [--limit-mib 512]`: a worker before a backlog that exists as numbers only. Exits
 * with 1 when its memory goes over the limit, its books do not balance, or a message is missing at the end. A read is ten readings.
 */
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    reads: { type: 'string', default: '1' },
    'limit-mib': { type: 'string', default: '512' },
  },
});
const [messages, reads, limitMib] = [values.messages, values.reads, values['limit-mib']].map(Number) as [
  number,
  number,
  number,
];
const newestT = Math.floor(Date.now() / 1000) - 60;
/** One lap of the bench's fleet; every further message is the same again, which the worker cannot know. */
const bodies = Array.from({ length: 1_000 }, (_, number) =>
  JSON.stringify(benchUplink(number, 'items', reads, newestT)),
);
const queue = await startGeneratedQueue({
  messages,
  bodyOf: (number) => bodies[number % bodies.length] ?? '',
});
const script = resolve(import.meta.dirname, 'bare-worker.ts');
const child = spawn(process.execPath, [script, '--endpoint', queue.endpoint, '--queue', queue.queueUrl], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const startedAt = performance.now();
let idleMib: number | undefined;
let peakMib = 0;
let imbalance = 0;
let lines = 0;
for await (const line of createInterface(child.stdout)) {
  const report = JSON.parse(line) as { acked: number; imbalance: number; rssMib: number };
  idleMib ??= report.rssMib;
  peakMib = Math.max(peakMib, report.rssMib);
  imbalance = Math.max(imbalance, Math.abs(report.imbalance));
  lines += 1;
  if (lines % 10 === 0) {
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(
      `${report.acked} of ${messages} messages, ${Math.round(report.acked / seconds)}/s, ${Math.round(report.rssMib)} MiB`,
    );
  }
  if (queue.deleted() >= messages && child.exitCode === null) child.kill('SIGTERM');
}
if (child.exitCode === null) await once(child, 'close');
await queue.close();
const seconds = (performance.now() - startedAt) / 1000;
console.log(
  `${queue.deleted()} of ${messages} messages in ${Math.round(seconds)} s; ${queue.returned()} returned; memory ${Math.round(idleMib ?? 0)} MiB idle, ` +
    `${Math.round(peakMib)} MiB at the most; ledger imbalance ${imbalance}`,
);
if (queue.deleted() !== messages || imbalance !== 0 || peakMib > limitMib) process.exitCode = 1;
