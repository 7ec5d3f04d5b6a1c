import type { AgriId, Factor } from '@furrow/contracts';
import type { RegisteredDevice } from '../records.ts';

/** A device with its factors, as they stand in the database. */
export interface LoadedDevice {
  readonly device: RegisteredDevice;
  readonly factors: readonly Factor[];
}

/** A device, and the devices of its organization under its prefix, the longest agri_id first. */
export interface LoadedFamily extends LoadedDevice {
  readonly subDevices: readonly LoadedDevice[];
}

/** What the plan cache asks the database. Devices that are not registered are absent from every answer. */
export interface PlanLoader {
  /** For each of these devices a text that changes whenever {@link families} would answer differently. One query. */
  fingerprints(devices: readonly AgriId[]): Promise<ReadonlyMap<AgriId, string>>;
  families(devices: readonly AgriId[]): Promise<ReadonlyMap<AgriId, LoadedFamily>>;
  /** Those of the candidates that are registered devices. One query. */
  registeredAmong(candidates: readonly AgriId[]): Promise<ReadonlySet<AgriId>>;
}
