import type { Point } from '@furrow/contracts';
import { type PointStore, retentionFloor, StoreAbortedError, type WriteReport } from '@furrow/timeseries';
import type { CopyTally } from './copy-tally.ts';
import { mayPass, Patience, type PatienceLimits } from './patience.ts';

/** Where points go, and how long a destination that takes none is waited for. */
export interface Destination {
  readonly to: Pick<PointStore, 'write'>;
  readonly limits: PatienceLimits;
  readonly signal: AbortSignal;
}

/**
 * Writes points until each one is stored or refused for good, and enters that into the tally. Throws a `CopyStoppedError` when the
 * destination has taken nothing for too long, its `StoreError` when waiting does not help, and `StoreAbortedError`.
 */
export async function writePatiently(
  { to, limits, signal }: Destination,
  points: readonly Point[],
  tally: CopyTally,
): Promise<void> {
  const patience = new Patience(limits, signal);
  let left = points;
  while (left.length > 0) {
    const outcome = await attempt(to, left, signal);
    enter(outcome.report, left, tally);
    const kept = outcome.report.keep.flatMap((index) => left[index] ?? []);
    if (kept.length < left.length) patience.progressed();
    left = kept;
    if (left.length === 0) return;
    if (signal.aborted) throw new StoreAbortedError(signal);
    await patience.wait('the destination has taken none of the points that wait', outcome.reason);
  }
}

/** One write; a failure that may pass is a report in which everything is kept. */
async function attempt(
  to: Destination['to'],
  points: readonly Point[],
  signal: AbortSignal,
): Promise<{ readonly report: WriteReport; readonly reason: string }> {
  try {
    const report = await to.write(points, signal);
    return { report, reason: report.keepReason ?? '' };
  } catch (error) {
    if (!mayPass(error) || signal.aborted) throw error;
    const keep = Array.from(points.keys());
    return { report: { stored: 0, alreadyStored: 0, rejected: [], keep }, reason: error.message };
  }
}

function enter(
  { stored, alreadyStored, rejected }: WriteReport,
  points: readonly Point[],
  tally: CopyTally,
): void {
  tally.stored += stored;
  tally.alreadyStored += alreadyStored;
  const floor = retentionFloor(Date.now());
  for (const { index, message } of rejected) {
    const point = points[index];
    if (point === undefined) continue;
    if (point.t < floor) tally.expired += 1;
    else tally.refuse(point, message);
  }
}
