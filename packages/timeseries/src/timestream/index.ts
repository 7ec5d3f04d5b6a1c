export {
  createTimestreamClients,
  type QueryClient,
  type TimestreamClients,
  type WriteClient,
} from './clients.ts';
export { parseTimestreamUrl, type TimestreamConfig } from './config.ts';
export { openTimestreamStore, TimestreamStore } from './store.ts';
export type { RetryPolicy } from './write.ts';
