import { REJECT_REASON_CODES } from '@furrow/contracts';
import { Counter, Gauge, Histogram, type MetricsRegistry } from '@furrow/runtime';
import type { WriteObservation } from './coalescing-writer.ts';
import type { Ledger } from './ledger.ts';
import type { ProcessedUplink } from './pipeline/process-uplink.ts';

/** What the worker measures beside its ledger. */
export interface IngestMetrics {
  wrote(write: WriteObservation): void;
  processed(uplink: ProcessedUplink): void;
  pollFailed(): void;
  deleteFailed(): void;
  quarantineFailed(): void;
}

/**
 * Declares the worker's metrics in `registry`. The ledger is read at each scrape: counters in readings and in messages by outcome,
 * gauges for what is in flight, and the imbalance, which must read 0.
 */
export function createIngestMetrics(registry: MetricsRegistry, ledger: Ledger): IngestMetrics {
  declareLedger(registry, ledger);
  const registers = [registry];
  const writes = new Histogram({
    name: 'furrow_ingest_store_write_seconds',
    help: 'Duration of one write of the time-series store, by result.',
    labelNames: ['result'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const batchPoints = new Histogram({
    name: 'furrow_ingest_store_write_points',
    help: 'Points handed to the store in one write.',
    buckets: [1, 10, 50, 100, 500, 1000, 2500, 5000, 10_000, 50_000],
    registers,
  });
  const failures = new Counter({
    name: 'furrow_ingest_queue_failures_total',
    help: 'Calls of the queue that failed after their retries, by call. No reading is lost by them.',
    labelNames: ['call'],
    registers,
  });
  const inexact = new Counter({
    name: 'furrow_ingest_inexact_points_total',
    help: 'Points whose raw number is a whole number beyond 2^53, so that their value is the nearest double.',
    registers,
  });
  const noisyFrames = new Counter({
    name: 'furrow_ingest_frame_leftovers_total',
    help: 'Pieces of noise, text or echo that stood in frames beside their answers.',
    registers,
  });
  for (const call of ['receive', 'delete', 'quarantine']) failures.inc({ call }, 0);
  return {
    wrote: ({ points, durationMs, failure }) => {
      writes.observe({ result: failure === undefined ? 'written' : 'kept' }, durationMs / 1000);
      batchPoints.observe(points);
    },
    processed: ({ points, notes }) => {
      let count = 0;
      for (const point of points) if (point.inexact) count += 1;
      if (count > 0) inexact.inc(count);
      if (notes.length > 0) noisyFrames.inc(notes.length);
    },
    pollFailed: () => failures.inc({ call: 'receive' }),
    deleteFailed: () => failures.inc({ call: 'delete' }),
    quarantineFailed: () => failures.inc({ call: 'quarantine' }),
  };
}

function declareLedger(registry: MetricsRegistry, ledger: Ledger): void {
  const registers = [registry];
  new Gauge({
    name: 'furrow_ledger_readings',
    help: 'Readings since start: received = stored + already_stored + rejected + returned + in_flight.',
    labelNames: ['entry'],
    registers,
    collect() {
      const { received, stored, alreadyStored, rejected, returned, inFlight } = ledger.totals().readings;
      const entries = {
        received,
        stored,
        already_stored: alreadyStored,
        rejected,
        returned,
        in_flight: inFlight,
      };
      for (const [entry, count] of Object.entries(entries)) this.set({ entry }, count);
    },
  });
  new Gauge({
    name: 'furrow_ledger_rejected_readings',
    help: 'Readings refused for good since start, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      const { rejectedByReason } = ledger.totals().readings;
      for (const reason of REJECT_REASON_CODES) this.set({ reason }, rejectedByReason[reason] ?? 0);
    },
  });
  new Gauge({
    name: 'furrow_ledger_messages',
    help: 'Messages since start: received = acked + quarantined + returned + in_flight.',
    labelNames: ['entry'],
    registers,
    collect() {
      const { received, acked, quarantined, returned, inFlight } = ledger.totals().messages;
      const entries = { received, acked, quarantined, returned, in_flight: inFlight };
      for (const [entry, count] of Object.entries(entries)) this.set({ entry }, count);
    },
  });
  new Gauge({
    name: 'furrow_ledger_imbalance',
    help: 'Received minus everything accounted for. Must read 0.',
    labelNames: ['unit'],
    registers,
    collect() {
      const { readings, messages } = ledger.totals();
      this.set({ unit: 'readings' }, readings.imbalance);
      this.set({ unit: 'messages' }, messages.imbalance);
    },
  });
}
