import { describe } from 'vitest';
import { describeCancelling } from './cancelling.ts';
import { FULL_CAPABILITIES, type StoreCapabilities, type StoreFactory } from './harness.ts';
import { describeLifecycle, describeRetention } from './lasting.ts';
import { describeRandomWrites } from './random-writes.ts';
import { describeBuckets, describeHistory, describeLatest } from './reading.ts';
import { describeScanning } from './scanning.ts';
import { describeWriting } from './writing.ts';

/**
 * Declares the conformance suite of the `PointStore` port for one engine, in a Vitest file of that engine. `factory` opens a store on
 * empty storage for each case; `capabilities` names what the engine cannot do, and everything is asked of it by default.
 */
export function describePointStore(
  name: string,
  factory: StoreFactory,
  capabilities: Partial<StoreCapabilities> = {},
): void {
  const can = { ...FULL_CAPABILITIES, ...capabilities };
  describe(`PointStore: ${name}`, () => {
    describeWriting(factory, can);
    describeHistory(factory);
    describeLatest(factory);
    describeBuckets(factory);
    describeCancelling(factory);
    describeScanning(factory);
    describeRetention(factory, can);
    describeLifecycle(factory, can);
    describeRandomWrites(factory, can);
  });
}
