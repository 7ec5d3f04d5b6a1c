import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { formatLedger } from '@furrow/ingest';
import { createLogger, Shutdown } from '@furrow/runtime';
import { loadDevConfig } from '../all-in-one/config.ts';
import { devToken, TOKEN_FILE } from '../all-in-one/dev-token.ts';
import { ENV_FILE, writeEnvFile } from '../all-in-one/env-file.ts';
import { type AllInOne, startAllInOne } from '../all-in-one/start-all-in-one.ts';
import { OpenApiClient } from '../open-api-client.ts';
import { findingLines } from '../replay/report/summary-lines.ts';
import { valvePath } from '../weather/fleet.ts';
import { describeWeather, playWeather } from '../weather/play.ts';
import { readWeather } from '../weather/series.ts';
import { STATION_QUANTITIES } from '../weather/station.ts';
import { isWhole, verifyWeather } from '../weather/verify.ts';

export interface DevOptions {
  /** Do the job, check it, and exit. */
  readonly once?: boolean;
  /** Folder for all data. */
  readonly data?: string;
  /** False leaves the weather out. */
  readonly replay: boolean;
  /** Port of the embedded SQS. */
  readonly sqsPort: number;
}

const DEFAULT_FOLDER = 'data';
const DEFAULT_PORT = 8080;

/**
 * `furrow dev`: everything in one process, a year of weather played through the whole chain, and the service stays up. With `once` the data
 * folder is a new temporary one unless given, every point is read back and compared, and the process exits 0 or 1.
 */
export async function dev(options: DevOptions): Promise<void> {
  const temporary = options.once === true && options.data === undefined;
  const folder = temporary
    ? await mkdtemp(join(tmpdir(), 'furrow-once-'))
    : resolve(options.data ?? DEFAULT_FOLDER);
  const http = { host: '127.0.0.1', port: options.once ? 0 : DEFAULT_PORT };
  const config = loadDevConfig(process.env, folder, http, options.sqsPort);
  const logger = createLogger({ service: 'dev', level: config.logLevel, destination: process.stderr });
  const deadlineMs = config.worker.FURROW_SHUTDOWN_SECONDS * 1000;
  const shutdown = new Shutdown({ logger, deadlineMs });
  if (temporary) shutdown.before('temporary folder', () => rm(folder, { recursive: true, force: true }));
  const interrupted = new AbortController();
  const stopListening = shutdown.listen();
  const run = { options, folder, signal: interrupted.signal };
  try {
    const token = await devToken(folder);
    const furrow = await startAllInOne(config, logger, shutdown, (ledger) => {
      if (!options.once) formatLedger(ledger).forEach(print);
    });
    if (furrow.queueVariables)
      shutdown.before('environment file', await writeEnvFile(folder, furrow.queueVariables));
    shutdown.before('replay', async () => interrupted.abort());
    const passed = await work(furrow, token, run);
    if (!options.once) return;
    stopListening();
    process.exitCode = Math.max(await shutdown.run(), passed ? 0 : 1);
  } catch (error) {
    if (interrupted.signal.aborted) return;
    await shutdown.run();
    throw error;
  }
}

interface DevRun {
  readonly options: DevOptions;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Plays, reports and, with `once`, checks. Resolves to whether the check passed. */
async function work(furrow: AllInOne, token: string, { options, folder, signal }: DevRun): Promise<boolean> {
  print(`Furrow is up at ${furrow.url}, its data in ${shortPath(folder)}.`);
  if (furrow.sqsEndpoint) {
    const file = shortPath(join(folder, ENV_FILE));
    print(
      `The embedded SQS answers at ${furrow.sqsEndpoint}; other commands find its queues by \`. ${file}\`.`,
    );
  }
  if (!options.replay) return true;
  const hours = await readWeather();
  const newestT = await playWeather({ furrow, hours, token, folder, signal, print });
  for (const line of formatLedger(furrow.ledger())) print(line);
  for (const line of await describeWeather(furrow)) print(`  ${line}`);
  if (!options.once) {
    await printCurl(furrow, folder);
    return true;
  }
  const api = new OpenApiClient(furrow.url, token);
  const found = await verifyWeather(hours, newestT, { url: furrow.url, api, signal });
  findingLines(found).forEach(print);
  const { expected, read, missing, wrong, duplicate } = found;
  const twice = duplicate > 0 ? `, ${duplicate} twice` : '';
  print(`${expected} sent, ${read} stored, ${missing} missing, ${wrong} wrong${twice}`);
  return isWhole(found);
}

async function printCurl(furrow: AllInOne, folder: string): Promise<void> {
  const [, temperature] = STATION_QUANTITIES;
  const url = `${furrow.url}/api/v2/factors/${temperature?.agriId}/data/?page_size=3`;
  const authorized = `curl -s -H "Authorization: Bearer $(cat ${shortPath(join(folder, TOKEN_FILE))})"`;
  print('Read the newest temperatures:');
  print(`  ${authorized} '${url}'`);
  const valve = await valvePath(furrow.registry);
  if (furrow.sendsCommands && valve !== undefined) {
    print(
      'Open the valve of the simulated gateway; /api/v2/commands/<token of the answer>/ says what became of it:',
    );
    print(`  ${authorized} -X POST ${furrow.url}${valve}on/`);
  }
  print('Ctrl-C stops it.');
}

function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}

function print(line: string): void {
  console.log(line);
}
