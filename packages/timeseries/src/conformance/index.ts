export { describePointStore } from './describe-point-store.ts';
export type { StoreCapabilities, StoreFactory, StoreUnderTest } from './harness.ts';
export { ModelStore } from './model.ts';
