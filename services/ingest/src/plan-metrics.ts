import type { PlanCache } from '@furrow/registry';
import { Gauge, type MetricsRegistry } from '@furrow/runtime';

/** Shows how the compiled plans stand: how soon a change in the registry takes effect, and what is served without it. */
export function createPlanMetrics(
  registry: MetricsRegistry,
  plans: Pick<PlanCache, 'status' | 'takeOldestUseMs'>,
): void {
  const registers = [registry];
  new Gauge({
    name: 'furrow_plan_cache_devices',
    help: 'Devices with a compiled plan in memory.',
    registers,
    collect() {
      this.set(plans.status.devices);
    },
  });
  new Gauge({
    name: 'furrow_plan_cache_answers',
    help:
      'Plans since start: hit (from memory), unchanged (compared with the registry), loaded (compiled anew), changed (loaded because the ' +
      'registry had changed), removed (device gone), stale (served while the registry was out), failed (questions without an answer).',
    labelNames: ['kind'],
    registers,
    collect() {
      const { hits, unchanged, loaded, changed, removed, servedStale, failures } = plans.status;
      const kinds = { hit: hits, unchanged, loaded, changed, removed, stale: servedStale, failed: failures };
      for (const [kind, count] of Object.entries(kinds)) this.set({ kind }, count);
    },
  });
  new Gauge({
    name: 'furrow_plan_cache_oldest_use_seconds',
    help: 'Age of the oldest plan handed out since the last scrape: how late a change in the registry took effect.',
    registers,
    collect() {
      this.set(plans.takeOldestUseMs() / 1000);
    },
  });
}
