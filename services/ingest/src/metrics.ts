import { REJECT_REASON_CODES } from '@furrow/contracts';
import { Counter, Gauge, Histogram, type MetricsRegistry } from '@furrow/runtime';
import type { WriteObservation } from './coalescing-writer.ts';
import type { Ledger } from './ledger.ts';
import type { ProcessedUplink } from './pipeline/process-uplink.ts';

/** Calls of the queue that can fail after their retries. */
const CALLS = ['receive', 'delete', 'quarantine', 'release', 'renew'] as const;
export type QueueCall = (typeof CALLS)[number];

/** What the worker measures beside its ledger. */
export interface IngestMetrics {
  wrote(write: WriteObservation): void;
  processed(uplink: ProcessedUplink): void;
  callFailed(call: QueueCall): void;
  /** A receive was answered with so many messages. */
  polled(messages: number): void;
  /** A message came in hand so long after the queue took it, in milliseconds; below 0 when clocks differ. */
  received(ageMs: number): void;
  /** Each of a message's points became durable so long after it was received. */
  stored(ageMs: number): void;
  /** A message was deleted so long after it was durable. */
  acknowledged(ageMs: number): void;
  /** A message came once more while it was in hand. */
  duplicated(): void;
  /** A message went back because its device had more than its share in hand. */
  deferred(): void;
  /** The readings of a message were refused and only counted. */
  sampledOut(readings: number): void;
}

/** What the worker is read for at each scrape. */
export interface IngestState {
  readonly ledger: Ledger;
  /** When a receive was answered last, milliseconds since 1970 UTC; 0 before the first. */
  lastPollAt(): number;
  bytesInHand(): number;
  /** Messages in hand that wait for room to be worked on. */
  waitingForRoom(): number;
  parts(): Readonly<Record<string, { readonly out: boolean; readonly waiting: number }>>;
}

const AGE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];

/**
 * Declares the worker's metrics in `registry`. The ledger is read at each scrape: counters in readings and in messages by outcome,
 * gauges for what is in flight, and the imbalance, which must read 0.
 */
export function createIngestMetrics(registry: MetricsRegistry, state: IngestState): IngestMetrics {
  declareLedger(registry, state.ledger);
  declareState(registry, state);
  return { ...writeMetrics(registry), ...messageMetrics(registry), ...readingMetrics(registry) };
}

function writeMetrics(registry: MetricsRegistry): Pick<IngestMetrics, 'wrote'> {
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
  return {
    wrote: ({ points, durationMs, failure }) => {
      writes.observe({ result: failure === undefined ? 'written' : 'kept' }, durationMs / 1000);
      batchPoints.observe(points);
    },
  };
}

function messageMetrics(
  registry: MetricsRegistry,
): Omit<IngestMetrics, 'wrote' | 'processed' | 'sampledOut'> {
  const registers = [registry];
  const ages = new Histogram({
    name: 'furrow_ingest_message_age_seconds',
    help:
      'How long a message took from one step to the next: sent (taken by the queue) to received, received to stored, stored to ' +
      'acknowledged (deleted).',
    labelNames: ['step'],
    buckets: AGE_BUCKETS,
    registers,
  });
  const batch = new Histogram({
    name: 'furrow_ingest_receive_messages',
    help: 'Messages that one receive brought; at most 10.',
    buckets: [0, 1, 2, 4, 6, 8, 9, 10],
    registers,
  });
  const failures = new Counter({
    name: 'furrow_ingest_queue_failures_total',
    help: 'Calls of the queue that failed after their retries, by call. No reading is lost by them.',
    labelNames: ['call'],
    registers,
  });
  const duplicates = new Counter({
    name: 'furrow_ingest_duplicate_deliveries_total',
    help: 'Deliveries of messages that were in hand already; they are handled once.',
    registers,
  });
  const deferred = new Counter({
    name: 'furrow_ingest_deferred_messages_total',
    help: 'Messages put off because their device had more than its share in hand.',
    registers,
  });
  for (const call of CALLS) failures.inc({ call }, 0);
  const age = (step: string) => (ageMs: number) => ages.observe({ step }, Math.max(0, ageMs) / 1000);
  return {
    callFailed: (call) => failures.inc({ call }),
    polled: (messages) => batch.observe(messages),
    received: age('sent_to_received'),
    stored: age('received_to_stored'),
    acknowledged: age('stored_to_acknowledged'),
    duplicated: () => duplicates.inc(),
    deferred: () => deferred.inc(),
  };
}

function readingMetrics(registry: MetricsRegistry): Pick<IngestMetrics, 'processed' | 'sampledOut'> {
  const registers = [registry];
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
  const sampledOut = new Counter({
    name: 'furrow_ingest_sampled_out_total',
    help: 'Messages and readings refused by a device over its budget of refusals: counted, and not quarantined.',
    labelNames: ['unit'],
    registers,
  });
  for (const unit of ['messages', 'readings']) sampledOut.inc({ unit }, 0);
  return {
    processed: ({ points, notes }) => {
      let count = 0;
      for (const point of points) if (point.inexact) count += 1;
      if (count > 0) inexact.inc(count);
      if (notes.length > 0) noisyFrames.inc(notes.length);
    },
    sampledOut: (readings) => {
      sampledOut.inc({ unit: 'messages' });
      sampledOut.inc({ unit: 'readings' }, readings);
    },
  };
}

function declareState(registry: MetricsRegistry, state: IngestState): void {
  const registers = [registry];
  new Gauge({
    name: 'furrow_ingest_last_poll_age_seconds',
    help: 'Since when no receive was answered; 0 before the first.',
    registers,
    collect() {
      const at = state.lastPollAt();
      this.set(at === 0 ? 0 : Math.max(0, Date.now() - at) / 1000);
    },
  });
  new Gauge({
    name: 'furrow_ingest_in_hand_bytes',
    help: 'Size of the messages in hand.',
    registers,
    collect() {
      this.set(state.bytesInHand());
    },
  });
  new Gauge({
    name: 'furrow_ingest_waiting_for_room_messages',
    help: 'Messages in hand that wait for room to be worked on.',
    registers,
    collect() {
      this.set(state.waitingForRoom());
    },
  });
  new Gauge({
    name: 'furrow_ingest_part_out',
    help: '1 while a part does not answer, 0 otherwise.',
    labelNames: ['part'],
    registers,
    collect() {
      for (const [part, { out }] of Object.entries(state.parts())) this.set({ part }, out ? 1 : 0);
    },
  });
  new Gauge({
    name: 'furrow_ingest_held_messages',
    help: 'Messages in hand that wait for a part that is out.',
    labelNames: ['part'],
    registers,
    collect() {
      for (const [part, { waiting }] of Object.entries(state.parts())) this.set({ part }, waiting);
    },
  });
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
