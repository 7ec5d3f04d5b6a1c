import type { AgriId } from './agri-id.ts';

/**
 * A decoded value at a time, ready to store. Its key is (`agriId`, `t`): a later `version` replaces an earlier one, the same
 * version again changes nothing, an older one never wins.
 */
export interface Point {
  /** The factor's agri_id. */
  readonly agriId: AgriId;
  /** Time of the reading, milliseconds since 1970 UTC. */
  readonly t: number;
  /** The engineering value: finite, scaled, never NaN. */
  readonly value: number;
  /** When the uplink was received, milliseconds since 1970 UTC. */
  readonly version: number;
  /** The agri_id of the device that sent it. */
  readonly device: AgriId;
  readonly orgId: string;
  readonly projectId: string;
  /** What is measured (`temp`, `humi`, …). */
  readonly theType: string;
  /** There when the raw number was a whole number beyond 2^53 and `value` is the nearest double, not exactly it. */
  readonly inexact?: true;
  /** What the raw number stands for, where the factor has a label for it. */
  readonly label?: string;
}
