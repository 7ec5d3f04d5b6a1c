import type { Point } from '@furrow/contracts';
import { expect, onTestFinished, type TaskMeta } from 'vitest';
import type { PointStore, StoreOptions, WriteReport } from '../point-store.ts';

/** A store on storage of its own, and the ways to handle it that a port does not have. */
export interface StoreUnderTest {
  readonly store: PointStore;
  /** Closes `store` and opens the same storage again; for an engine behind a network, a new client to the same table. */
  reopen(): Promise<PointStore>;
  /** Closes what is open and removes the storage. */
  dispose(): Promise<void>;
}

/** Opens a store on empty storage, with the given options. */
export type StoreFactory = (options: StoreOptions) => Promise<StoreUnderTest>;

/**
 * What an engine can do of what the port promises. A flag that is false skips the cases that need it, and shows in the report of the
 * test run as skipped.
 */
export interface StoreCapabilities {
  /** A point with a lower version never replaces one with a higher version that a call before stored. */
  readonly ordersVersions: boolean;
  /** `stored` and `alreadyStored` tell new points from repeated ones. */
  readonly countsRepeats: boolean;
  /** Points are still there after `reopen`. */
  readonly survivesReopen: boolean;
  /** `enforceRetention` drops points itself and counts them. */
  readonly dropsExpired: boolean;
  /** Longest name (agri_id, org, project, type) that the engine takes, in bytes of UTF-8; longer ones are refused for good. */
  readonly longestNameBytes: number;
}

declare module 'vitest' {
  interface TaskMeta {
    /** The capability without which a case of the conformance suite is left out. */
    needs?: keyof StoreCapabilities;
    /** Capabilities that the engine does not declare, so that the case checks less. */
    without?: readonly (keyof StoreCapabilities)[];
  }
}

/** Marks a case that is left out without `flag`, for the conformance report. */
export function needing(flag: keyof StoreCapabilities): Pick<TaskMeta, 'needs'> {
  return { needs: flag };
}

/** Marks a case that checks less without some of `flags`, for the conformance report. */
export function lessWithout(
  can: StoreCapabilities,
  ...flags: readonly (keyof StoreCapabilities)[]
): Pick<TaskMeta, 'without'> {
  return { without: flags.filter((flag) => can[flag] === false) };
}

export const FULL_CAPABILITIES: StoreCapabilities = {
  ordersVersions: true,
  countsRepeats: true,
  survivesReopen: true,
  dropsExpired: true,
  longestNameBytes: Number.POSITIVE_INFINITY,
};

/** A store with a clock that the case sets, and a `write` that checks what every report must keep. */
export interface StoreCase {
  store: PointStore;
  readonly clock: { nowMs: number };
  write(points: readonly Point[]): Promise<WriteReport>;
  reopen(): Promise<void>;
  dispose(): Promise<void>;
}

/** Opens a store at `nowMs`, and disposes of it when the running test is over. */
export async function openCase(factory: StoreFactory, nowMs: number): Promise<StoreCase> {
  const opened = await openUndisposed(factory, nowMs);
  onTestFinished(() => opened.dispose());
  return opened;
}

/** As `openCase`, for property runs that open many stores in one test and dispose of each themselves. */
export async function openUndisposed(factory: StoreFactory, nowMs: number): Promise<StoreCase> {
  const clock = { nowMs };
  const underTest = await factory({ clock: () => clock.nowMs });
  const opened: StoreCase = {
    store: underTest.store,
    clock,
    async write(points) {
      const report = await opened.store.write(points);
      expectAccounted(report, points.length);
      return report;
    },
    async reopen() {
      opened.store = await underTest.reopen();
    },
    dispose: () => underTest.dispose(),
  };
  return opened;
}

/** Law 1 at this door: every point of a call is in exactly one place of its report. */
export function expectAccounted(report: WriteReport, points: number): void {
  expect(report.stored + report.alreadyStored + report.rejected.length + report.keep.length).toBe(points);
  const named = [...report.rejected.map(({ index }) => index), ...report.keep];
  expect(new Set(named).size).toBe(named.length);
  expect(named.every((index) => Number.isInteger(index) && index >= 0 && index < points)).toBe(true);
  expect(report.keep.length > 0).toBe(report.keepReason !== undefined);
}
