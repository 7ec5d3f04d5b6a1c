import type { AgriId } from '@furrow/contracts';
import { IngestWorker, type IngestWorkerOptions } from '@furrow/ingest';
import type { DevicePlan } from '@furrow/registry';
import { createLogger, createMetricsRegistry, Readiness } from '@furrow/runtime';
import { benchPlans } from './fleet.ts';

/** What differs between the benchmarks of the worker; the rest is as users run it, with the default tuning. */
export type BenchWorkerOptions = Pick<
  IngestWorkerOptions,
  'client' | 'queueUrl' | 'store' | 'pollers' | 'waitTimeSeconds'
>;

/** A worker for the bench's fleet, with plans in memory and nothing to refuse. */
export function benchWorker(options: BenchWorkerOptions): IngestWorker {
  const findPlan = benchPlans();
  const plansFor = async (ids: readonly AgriId[]) => {
    const plans = new Map<AgriId, DevicePlan>();
    for (const id of ids) {
      const plan = findPlan(id);
      if (plan) plans.set(id, plan);
    }
    return plans;
  };
  return new IngestWorker({
    ...options,
    quarantine: { put: () => Promise.reject(new Error('this load has nothing to refuse')) },
    probeQuarantine: async () => {},
    registry: { probe: async () => {}, plans: { plansFor, ownersOf: plansFor } },
    readiness: new Readiness(),
    logger: createLogger({ service: 'bench', level: 'warn', destination: process.stderr }),
    metrics: createMetricsRegistry('bench'),
    writer: { maxBatchPoints: 5_000, maxDelayMs: 25, maxPendingPoints: 100_000, writeTimeoutMs: 30_000 },
  });
}
