export {
  BadQueryError,
  StoreAbortedError,
  StoreBusyError,
  StoreClosedError,
  StoreConfigError,
  StoreCorruptError,
  StoreError,
  StoreLockedError,
  StoreSetupError,
  StoreUnavailableError,
} from './errors.ts';
export { openStore, STORE_SCHEMES } from './open-store.ts';
export { pointRefusal, retentionFloor, STORE_MAX_AHEAD_HOURS } from './point-rules.ts';
export type {
  Bucket,
  BucketQuery,
  FactorDay,
  HistoryPage,
  HistoryPoint,
  HistoryQuery,
  PointStore,
  RejectedPoint,
  RetentionReport,
  ScannedPoint,
  ScanQuery,
  StoreCredentials,
  StoreEvent,
  StoreOptions,
  WriteReport,
} from './point-store.ts';
export { checkBucketQuery, checkHistoryQuery, MAX_BUCKETS, MAX_PAGE_SIZE } from './query-rules.ts';
export { type CredentialTexts, storeLogin } from './store-login.ts';
export { storePlace } from './store-place.ts';
export { DAY_MS, dayOf } from './utc-day.ts';
