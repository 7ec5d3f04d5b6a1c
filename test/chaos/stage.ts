import { join } from 'node:path';
import type { AgriId } from '@furrow/contracts';
import { type EmbeddedSqs, startEmbeddedSqs } from '@furrow/queue/embedded';
import { openRegistry, parseFleet } from '@furrow/registry';
import type { Random } from '../bench/random.ts';
import { freePort } from '../support/free-port.ts';
import { chaosFleet, DEVICES } from './chaos-fleet.ts';
import type { ChaosOptions } from './chaos-options.ts';
import type { Chaos } from './faults/index.ts';
import { type RegistrySide, startRegistry } from './registry-side.ts';
import type { SentLedger } from './sent-ledger.ts';
import { SqsFaultProxy } from './sqs-fault-proxy.ts';
import { SqsFaults } from './sqs-faults.ts';
import { StoreSide } from './store-side.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** Share of the deliveries that come twice, from the first message to the last. */
const DUPLICATES = 0.05;

/** Everything of a run that is running. */
export interface Stage {
  readonly chaos: Chaos;
  readonly sqs: EmbeddedSqs;
  readonly store: StoreSide;
  readonly registry: RegistrySide;
  readonly devicePks: ReadonlyMap<AgriId, number>;
  readonly processes: readonly SupervisedProcess[];
  close(): Promise<void>;
}

/**
 * Starts queue server, store and registry, loads the fleet, and starts the API and the workers as processes of their own behind
 * proxies. Resolves when all are ready.
 */
export async function setStage(
  options: ChaosOptions,
  ledger: SentLedger,
  random: Random,
  logFolder: string,
): Promise<Stage> {
  const closers: (() => Promise<void>)[] = [];
  const running: SupervisedProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(running.map((supervised) => supervised.close()));
    for (const step of closers.splice(0).reverse()) await step();
  };
  try {
    const sqs = await startEmbeddedSqs();
    closers.push(() => sqs.close());
    const store = await StoreSide.start(random, ledger.refused);
    closers.push(() => store.close());
    const registry = await startRegistry();
    closers.push(() => registry.close());
    const devicePks = await loadFleet(registry.directUrl);

    const faults = new SqsFaults(random);
    const env = {
      ...store.env,
      FURROW_STORE: store.url,
      FURROW_REGISTRY: registry.url,
      FURROW_UPLINK_QUEUE_URL: sqs.queueUrl('furrow-uplinks'),
      FURROW_QUARANTINE_QUEUE_URL: sqs.queueUrl('furrow-quarantine'),
    };
    const startProcess = async (name: string, command: string): Promise<SupervisedProcess> => {
      const proxy = await SqsFaultProxy.start({ endpoint: sqs.endpoint, faults, orphanMs: options.orphanMs });
      const http = `127.0.0.1:${await freePort()}`;
      const supervised = new SupervisedProcess({
        name,
        args: [command],
        env: { ...env, AWS_ENDPOINT_URL_SQS: proxy.endpoint, FURROW_HTTP: http },
        url: `http://${http}`,
        logFile: join(logFolder, `${name}.log`),
        onExit: () => proxy.abandon(),
      });
      closers.push(() => proxy.close());
      running.push(supervised);
      supervised.start();
      return supervised;
    };
    const api = await startProcess('api', 'api');
    const workers = await Promise.all(
      Array.from({ length: options.workers }, (_, index) => startProcess(`worker-${index + 1}`, 'ingest')),
    );
    const processes = [api, ...workers];
    await Promise.all(processes.map((supervised) => supervised.ready()));
    faults.set('duplicates', DUPLICATES);
    const { line: storeLine, faults: storeFaults } = store;
    const chaos = { sqs: faults, store: storeFaults, storeLine, registryLine: registry.line, workers, api };
    return { chaos, sqs, store, registry, devicePks, processes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Loads the fleet and gives the primary keys of its devices. */
async function loadFleet(registryUrl: string): Promise<Map<AgriId, number>> {
  const registry = await openRegistry(registryUrl);
  try {
    await registry.applyFleet(parseFleet(chaosFleet()));
    const plans = await registry.plans.plansFor(DEVICES.map(({ agriId }) => agriId));
    return new Map([...plans].map(([agriId, { device }]) => [agriId, device.pk]));
  } finally {
    await registry.close();
  }
}
