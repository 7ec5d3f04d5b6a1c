import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleProgram } from '../../infra/images/bundle.ts';
import { openBrokerEngine } from '../support/engines/broker-engine.ts';
import { missingImages } from '../support/engines/container-engine.ts';
import { openRegistryEngine } from '../support/engines/registry-engine.ts';
import { openSqsEngine } from '../support/engines/sqs-engine.ts';
import { freePort } from '../support/free-port.ts';
import { Part } from './end-to-end/part.ts';
import {
  bundledService,
  containedService,
  cpuSecondsOf,
  type MeasuredService,
  residentMibOf,
} from './measured-service.ts';
import { markdownTable, median, type Row } from './table.ts';

const SERVICES = ['ingest', 'api', 'downlink'] as const;
const STARTS = 10;
const LOOK_EVERY_MS = 5;
const READY_WITHIN_MS = 60_000;
/** How long a service is left alone before its memory is read. */
const IDLE_MS = 3_000;

/** A service in one of its forms. */
interface Side {
  readonly name: string;
  make(env: Readonly<Record<string, string>>): Promise<MeasuredService>;
}

interface Start {
  readonly readyMs: number;
  readonly cpuSeconds: number;
}

/**
 * Each service from the begin of its start until `/readyz` answers 200: its bundle as a process, and its image as a container where Docker
 * has all three. SQS, registry and broker are those of the end-to-end tests; the store takes line protocol. Linux only.
 */
export async function benchStart(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-bench-'));
  const sqs = await openSqsEngine();
  const registry = await openRegistryEngine();
  const broker = await openBrokerEngine();
  const sink = await Part.start('sink-part.ts');
  try {
    const env = {
      ...(await sqs.createQueues()),
      ...broker.createTopics(),
      FURROW_REGISTRY: await registry.createDatabase(),
      FURROW_STORE: `influx+${sink.opening}/bench`,
    };
    const [before = 0] = loadavg();
    const rows: Row[] = [['Node.js with nothing to do', ...spread(await emptyProgram()), '', '']];
    for (const side of await sides(folder)) rows.push(await measure(side, env));
    const [after = 0] = loadavg();
    const columns = ['', 'ready, median ms', 'fastest', 'slowest', 'CPU s until ready', 'idle RSS, MiB'];
    return `${markdownTable(columns, rows)}\n\n${STARTS} starts each. Load average of the machine: ${before.toFixed(1)} before, ${after.toFixed(1)} after. SQS: ${sqs.from}; registry: ${registry.from}.`;
  } finally {
    await Promise.all([sink.stop(), sqs.close(), registry.close(), broker.close()]);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function sides(folder: string): Promise<readonly Side[]> {
  const bundled: Side[] = [];
  for (const service of SERVICES) {
    const { mainFile, bytes } = await bundleProgram(service, folder);
    const name = `${service}, its file of ${(bytes / 1e6).toFixed(1)} MB`;
    bundled.push({ name, make: async (env) => bundledService(mainFile, env) });
  }
  const imageOf = (service: string): string => `furrow-${service}:local`;
  if ((await missingImages(SERVICES.map(imageOf))) !== undefined) return bundled;
  const contained = SERVICES.map((service) => ({
    name: `${service}, its container`,
    make: (env: Readonly<Record<string, string>>) => containedService(imageOf(service), env),
  }));
  return [...bundled, ...contained];
}

/** One start more than is timed: the first migrates the registry and brings the files into memory, and is left alone for its idle memory. */
async function measure({ name, make }: Side, env: Readonly<Record<string, string>>): Promise<Row> {
  const started = async <T>(look: (service: MeasuredService, start: Start) => Promise<T>): Promise<T> => {
    const address = `127.0.0.1:${await freePort()}`;
    const service = await make({ ...env, FURROW_HTTP: address });
    try {
      return await look(service, await timeStart(service, `http://${address}/readyz`));
    } finally {
      await service.end();
    }
  };
  const idleMib = await started(async (service) => {
    await sleep(IDLE_MS);
    return residentMibOf(await service.pid());
  });
  const starts: Start[] = [];
  for (let count = 0; count < STARTS; count += 1) {
    starts.push(await started(async (_service, start) => start));
  }
  const ready = spread(starts.map(({ readyMs }) => readyMs));
  return [name, ...ready, median(starts.map(({ cpuSeconds }) => cpuSeconds)), idleMib];
}

async function timeStart(service: MeasuredService, readyUrl: string): Promise<Start> {
  const begun = performance.now();
  await service.begin();
  await untilReady(readyUrl, begun + READY_WITHIN_MS);
  return { readyMs: performance.now() - begun, cpuSeconds: await cpuSecondsOf(await service.pid()) };
}

async function untilReady(url: string, deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    const ready = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`${url} did not answer 200 within ${READY_WITHIN_MS / 1000} s`);
}

/** Milliseconds from the start to the end of a process that runs nothing: what no service can be faster than. */
async function emptyProgram(): Promise<readonly number[]> {
  const runs: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    const begun = performance.now();
    await once(spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' }), 'exit');
    runs.push(performance.now() - begun);
  }
  return runs;
}

function spread(values: readonly number[]): readonly [number, number, number] {
  return [median(values), Math.min(...values), Math.max(...values)];
}
