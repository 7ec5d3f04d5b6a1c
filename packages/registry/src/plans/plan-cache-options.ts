import type { Factor } from '@furrow/contracts';
import { compilePlan as compile, type Plan } from '@furrow/decoding';

export interface PlanCacheOptions {
  /** Most devices with a plan in memory. Default 20,000; the least recently used go first. */
  readonly maxDevices: number;
  /** Most factors in all these plans together, at about 1.6 KB each. Default 400,000. */
  readonly maxFactors: number;
  /** Most agri_ids remembered as belonging to nobody. Default 10,000. */
  readonly maxAbsent: number;
  /** How long an answer is used without asking again, in milliseconds: how late a change is noticed. Default 2,000. */
  readonly freshMs: number;
  /** How old a plan may get when the registry does not answer, in milliseconds. Default 600,000 (ten minutes). */
  readonly maxAgeMs: number;
  /** How long the registry may take before that counts as no answer, in milliseconds. Default 5,000. */
  readonly answerMs: number;
  /** How long nothing is asked after there was no answer, in milliseconds. Default 1,000. */
  readonly pauseMs: number;
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number;
  readonly compilePlan: (factors: readonly Factor[]) => Plan;
}

/** What the cache does when it is told nothing else. */
export const PLAN_CACHE_DEFAULTS: PlanCacheOptions = {
  maxDevices: 20_000,
  maxFactors: 400_000,
  maxAbsent: 10_000,
  freshMs: 2_000,
  maxAgeMs: 600_000,
  answerMs: 5_000,
  pauseMs: 1_000,
  now: () => performance.now(),
  compilePlan: compile,
};

/** What the cache has done since it was made, and how it stands now. */
export interface PlanCacheStatus {
  /** Devices with a plan in memory. */
  readonly devices: number;
  /** Plans and absences answered from memory. */
  readonly hits: number;
  /** Plans compared with the registry and found unchanged. */
  readonly unchanged: number;
  /** Plans loaded and compiled, for the first time or after a change. */
  readonly loaded: number;
  /** Plans among the loaded ones that replaced another: the device or its factors had changed. */
  readonly changed: number;
  /** Plans given up because their device is registered no more. */
  readonly removed: number;
  /** Plans handed out although the registry did not answer. */
  readonly servedStale: number;
  /** Times that the registry did not answer. */
  readonly failures: number;
  /** Why the registry did not answer the last time it was asked; null when it did. */
  readonly failing: string | null;
}
