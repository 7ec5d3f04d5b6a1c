import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRegistry } from '@furrow/registry';
import { Part } from '../bench/end-to-end/part.ts';
import { benchFleet } from '../bench/fleet.ts';
import type { GeneratedQueue } from './generated-queue.ts';
import { readSample } from './worker-watch.ts';

/** A worker in a process of its own. */
export interface WatchedWorker {
  /** What it says of itself, once a second, the first before it has worked; ends when the process does. */
  samples(): AsyncIterable<{ readonly imbalance: number; readonly rssMib: number }>;
  /** Ends it with SIGTERM and whatever was started beside it. Idempotent. */
  stop(): Promise<void>;
}

type Place = Pick<GeneratedQueue, 'endpoint' | 'queueUrl'>;

/** The worker from source, between plans in memory and a store that takes everything: what is measured is the worker. */
export async function startBareWorker(queue: Place, nodeOptions: readonly string[]): Promise<WatchedWorker> {
  const script = resolve(import.meta.dirname, 'bare-worker.ts');
  const child = spawn(
    process.execPath,
    [...nodeOptions, script, '--endpoint', queue.endpoint, '--queue', queue.queueUrl],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return {
    samples: async function* () {
      for await (const line of createInterface(child.stdout)) {
        const { imbalance, rssMib } = JSON.parse(line) as { imbalance: number; rssMib: number };
        yield { imbalance, rssMib };
      }
    },
    stop: () => ended(child),
  };
}

/** The one file that an image runs, configured as there: registry on PostgreSQL's protocol, points as line protocol, settings by variables. */
export async function startDeployedWorker(
  queue: Place,
  program: string,
  nodeOptions: readonly string[],
): Promise<WatchedWorker> {
  const postgres = spawn(process.execPath, [resolve(import.meta.dirname, '../chaos/pglite-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface(postgres.stdout), 'line')) as [string];
  const registryUrl = `postgres://furrow@127.0.0.1:${port}/postgres`;
  const registry = await openRegistry(registryUrl);
  await registry.applyFleet(benchFleet());
  await registry.close();
  const sink = await Part.start('sink-part.ts');
  const child = spawn(process.execPath, [...nodeOptions, resolve(program)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      AWS_ENDPOINT_URL_SQS: queue.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      FURROW_UPLINK_QUEUE_URL: queue.queueUrl,
      FURROW_QUARANTINE_QUEUE_URL: queue.queueUrl,
      FURROW_STORE: `influx+${sink.opening}/soak`,
      FURROW_REGISTRY: registryUrl,
      FURROW_HTTP: '127.0.0.1:0',
    },
  });
  const lines = createInterface(child.stdout);
  const operations = await operationsOf(lines, child);
  child.stdout.resume();
  return {
    samples: async function* () {
      while (child.exitCode === null && child.signalCode === null) {
        const text = await metricsOf(operations);
        if (text !== undefined) {
          const { imbalance, residentMb } = readSample(text);
          yield { imbalance, rssMib: residentMb };
        }
        await sleep(1_000);
      }
    },
    stop: async () => {
      await ended(child);
      await sink.stop();
      postgres.stdin.end();
      if (postgres.exitCode === null) await once(postgres, 'close');
    },
  };
}

/** Where the worker answers for `/metrics`, as its log says. */
async function operationsOf(lines: ReturnType<typeof createInterface>, child: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of lines) {
    const url = /"operations":"([^"]+)"/.exec(line)?.[1];
    if (url !== undefined) return url;
    said.push(line);
  }
  throw new Error(`the worker ended with ${child.exitCode}:\n${said.join('\n')}`);
}

/** Undefined when the worker did not answer: it is busy, or it has ended, which its exit code says. */
async function metricsOf(operations: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${operations}/metrics`, { headers: { connection: 'close' } });
    return await response.text();
  } catch {
    return undefined;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.stdout?.resume();
  child.kill('SIGTERM');
  await closed;
}
