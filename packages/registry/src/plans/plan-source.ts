import type { AgriId } from '@furrow/contracts';
import type { Plan } from '@furrow/decoding';
import type { RegisteredDevice } from '../records.ts';

/** A device and its compiled factors. */
export interface PlannedDevice {
  readonly device: RegisteredDevice;
  readonly plan: Plan;
}

/** What is needed to judge and decode what a device sends. */
export interface DevicePlan extends PlannedDevice {
  /** The registered devices of the same organization under this device's prefix, the longest agri_id first. */
  readonly subDevices: readonly PlannedDevice[];
}

/**
 * Where the pipeline gets its plans. Both methods throw {@link RegistryUnavailable} when an answer cannot be had: retry
 * later.
 */
export interface PlanSource {
  /**
   * The plans of the devices with these agri_ids. A device that is not registered, or bound to no organization, is absent.
   */
  plansFor(devices: readonly AgriId[], signal?: AbortSignal): Promise<ReadonlyMap<AgriId, DevicePlan>>;
  /**
   * For each item's agri_id the plan of the registered device whose agri_id is its longest prefix by segments. An item that
   * belongs to no registered device is absent.
   */
  ownersOf(items: readonly AgriId[], signal?: AbortSignal): Promise<ReadonlyMap<AgriId, DevicePlan>>;
}
