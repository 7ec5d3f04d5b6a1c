export {
  CoalescingWriter,
  type CoalescingWriterOptions,
  type WriteObservation,
} from './coalescing-writer.ts';
export { type IngestConfig, storeVariables, workerTuning, workerVariables } from './config.ts';
export { formatLedger } from './format-ledger.ts';
export { IngestWorker, type IngestWorkerOptions } from './ingest-worker.ts';
export type { LedgerTotals } from './ledger.ts';
export type { FindOwner } from './pipeline/authorize.ts';
export { type ProcessedUplink, processUplink } from './pipeline/process-uplink.ts';
export { keepRetention } from './retention.ts';
export { runIngest } from './run-ingest.ts';
export { createStoreMetrics } from './store-metrics.ts';
