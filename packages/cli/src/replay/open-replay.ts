import { readFile } from 'node:fs/promises';
import { createSqsClient } from '@furrow/queue';
import { parseFleet } from '@furrow/registry/fleet';
import { type Environment, loadConfig } from '@furrow/runtime';
import { openStore, storeLogin } from '@furrow/timeseries';
import { z } from 'zod';
import { UsageError, unreadable } from '../errors.ts';
import { OpenApiClient } from '../open-api-client.ts';
import { parseTarget, type ReplayFlags, type TargetAddress } from './replay-options.ts';
import { openSource } from './source/open-source.ts';
import type { ReplaySource } from './source/source-message.ts';
import { syntheticFleet } from './synthetic/synthetic-fleet.ts';
import { syntheticSource } from './synthetic/synthetic-source.ts';
import { parseSyntheticSpec, type SyntheticSpec } from './synthetic/synthetic-spec.ts';
import { apiTarget } from './target/api-target.ts';
import { DeviceDirectory } from './target/device-directory.ts';
import { openFileTarget } from './target/file-target.ts';
import { QueueWatch } from './target/queue-watch.ts';
import type { ReplayTarget } from './target/replay-target.ts';
import { openSqsTarget } from './target/sqs-target.ts';
import { apiReader, type HistoryReader, storeReader } from './verify/history-reader.ts';
import { askPlanBook, bookOf, type PlanBook, readPlanBook } from './verify/plan-book.ts';

/** What `--fleet` says when the API is to tell the factors. */
const FLEET_OF_API = 'api';

const variables = z.object({
  FURROW_TOKEN: z.string().optional(),
  FURROW_UPLINK_QUEUE_URL: z.url({ protocol: /^https?$/, error: 'the URL of an SQS queue' }).optional(),
  FURROW_QUARANTINE_QUEUE_URL: z.url({ protocol: /^https?$/, error: 'the URL of an SQS queue' }).optional(),
  FURROW_STORE_TOKEN: z.string().optional(),
  FURROW_STORE_USERNAME: z.string().optional(),
  FURROW_STORE_PASSWORD: z.string().optional(),
});

/** Everything that a replay works with, open. */
export interface OpenReplay {
  readonly source: ReplaySource;
  readonly target: ReplayTarget;
  readonly address: TargetAddress;
  readonly queues: QueueWatch;
  readonly plans: PlanBook | undefined;
  /** There when points are to be read back. */
  readonly reader: HistoryReader | undefined;
  readonly synthetic: SyntheticSpec | undefined;
  close(): Promise<void>;
}

/** What of the flags says where messages come from. */
export function syntheticOf(path: string | undefined, { synthetic }: ReplayFlags): SyntheticSpec | undefined {
  if ((path === undefined) === (synthetic === undefined))
    throw new UsageError('give one source: a file, a folder, - for standard input, or --synthetic <spec>');
  return synthetic === undefined ? undefined : parseSyntheticSpec(synthetic);
}

/**
 * Opens source, target and what proves the result, in the order in which mistakes are cheapest to find. Rejects with UsageError, ConfigError,
 * QueueCheckError or FleetError; nothing stays open then.
 */
export async function openReplay(
  path: string | undefined,
  flags: ReplayFlags,
  env: Environment,
): Promise<OpenReplay> {
  const settings = loadConfig(variables, env);
  const synthetic = syntheticOf(path, flags);
  const address = parseTarget(flags.to ?? '');
  if (!address) throw new UsageError('say where to send with --to');
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const source = synthetic ? syntheticSource(synthetic) : await openSource(path ?? '-', flags.mapping);
    const uplinks = address.kind === 'sqs' ? address.url : settings.FURROW_UPLINK_QUEUE_URL;
    const quarantine = settings.FURROW_QUARANTINE_QUEUE_URL;
    const client =
      uplinks === undefined && quarantine === undefined
        ? undefined
        : createSqsClient({ maxSockets: flags.connections + 8 });
    if (client) closers.push(async () => client.destroy());
    const apis = await openApis(address, flags, settings.FURROW_TOKEN);
    const plans = await openPlans(flags, synthetic, apis.directory);
    const login = storeLogin({
      token: settings.FURROW_STORE_TOKEN,
      username: settings.FURROW_STORE_USERNAME,
      password: settings.FURROW_STORE_PASSWORD,
    });
    const reader = flags.verify ? await openReader(flags, apis, login, closers) : undefined;
    const target = await openTarget(address, flags, apis.directory, client);
    closers.push(() => target.close());
    const queues = new QueueWatch(client, { uplinks, quarantine });
    return { source, target, address, queues, plans, reader, synthetic, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openPlans(
  flags: ReplayFlags,
  synthetic: SyntheticSpec | undefined,
  directory: DeviceDirectory | undefined,
): Promise<PlanBook | undefined> {
  if (flags.fleet === FLEET_OF_API) {
    if (directory) return await askPlanBook(directory);
    throw new UsageError(`--fleet ${FLEET_OF_API} needs an API: --to or, with --verify, --api`);
  }
  if (flags.fleet !== undefined) return await readPlanBook(flags.fleet);
  if (synthetic && flags.verify) return bookOf(parseFleet(syntheticFleet(synthetic)));
  return undefined;
}

interface Apis {
  readonly url: string | undefined;
  readonly directory: DeviceDirectory | undefined;
}

async function openApis(
  address: TargetAddress,
  flags: ReplayFlags,
  token: string | undefined,
): Promise<Apis> {
  const url = flags.api ?? (address.kind === 'api' ? address.url : undefined);
  if (url === undefined || (address.kind !== 'api' && !flags.verify)) return { url, directory: undefined };
  const tokens = flags.tokenFile === undefined ? [token ?? ''] : await readTokens(flags.tokenFile);
  if (tokens.every((text) => text === ''))
    throw new UsageError('the API wants a token: set FURROW_TOKEN, or give --token-file');
  const apis = tokens.map((text) => new OpenApiClient(url, text, { maxTries: 8 }));
  // Reading back needs no device's address, only tokens.
  const directory =
    address.kind === 'api' || tokens.length > 1 || flags.fleet === FLEET_OF_API
      ? await DeviceDirectory.open(apis, flags.devices)
      : DeviceDirectory.empty(apis);
  return { url, directory };
}

async function readTokens(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

async function openReader(
  { store, api }: ReplayFlags,
  { url, directory }: Apis,
  login: ReturnType<typeof storeLogin>,
  closers: (() => Promise<void>)[],
): Promise<HistoryReader> {
  if (store !== undefined && api !== undefined)
    throw new UsageError('--verify reads from the --store or from the --api, not from both');
  if (store !== undefined) {
    const opened = await openStore(store, login);
    closers.push(() => opened.close());
    return storeReader(store.replace(/:\/\/[^@/]*@/, '://'), opened);
  }
  if (url !== undefined && directory) return apiReader(url, directory);
  throw new UsageError('--verify needs to know where to read: --api <url> or --store <store>');
}

async function openTarget(
  address: TargetAddress,
  { connections }: ReplayFlags,
  directory: DeviceDirectory | undefined,
  client: ReturnType<typeof createSqsClient> | undefined,
): Promise<ReplayTarget> {
  if (address.kind === 'file') return await openFileTarget(address.path);
  if (address.kind === 'sqs' && client) return await openSqsTarget(client, address.url, connections);
  if (address.kind === 'api' && directory) return apiTarget(address.url, directory, connections);
  throw new UsageError('say where to send with --to');
}
