import { openStore } from '@furrow/timeseries';
import { benchWorker } from '../bench-worker.ts';
import { POLLERS, serveSide } from './side.ts';

/** Furrow's worker with its defaults, plans in memory: what it does for each message, and all of that. */
await serveSide(async ({ client, queueUrl, store: url }) => {
  const store = await openStore(url);
  const worker = benchWorker({ client, queueUrl, store, pollers: POLLERS, waitTimeSeconds: 1 });
  return {
    start: () => worker.start(),
    stop: async () => {
      await worker.stop(5_000);
      const { imbalance, rejected } = worker.ledger.readings;
      if (imbalance !== 0 || rejected !== 0) {
        throw new Error(`the ledger shows ${rejected} rejected readings and an imbalance of ${imbalance}`);
      }
      await store.close();
    },
  };
});
