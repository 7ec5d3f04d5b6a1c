import type { AgriId, Point } from '@furrow/contracts';
import type { FactorDay, PointStore, ScannedPoint } from '@furrow/timeseries';
import type { Block } from './blocks.ts';
import { CopyTally } from './copy-tally.ts';
import { mayPass, Patience } from './patience.ts';
import { type Destination, writePatiently } from './write-patiently.ts';

/** A copy under way. */
export interface CopyRun extends Destination {
  readonly from: Pick<PointStore, 'scan'>;
  /** Told how many more points were dealt with; fewer than none when a block begins anew. */
  readonly onPoints: (points: number) => void;
}

/**
 * Copies a block, from its beginning again when the source fails on the way: writing a point twice changes nothing. Rejects with what
 * no waiting helps against, or `CopyStoppedError`.
 */
export async function copyBlock(run: CopyRun, { day, factors }: Block): Promise<CopyTally> {
  const described = new Map(factors.map((factor) => [factor.agriId, factor]));
  const patience = new Patience(run.limits, run.signal);
  let furthest = 0;
  for (;;) {
    const tally = new CopyTally();
    try {
      for await (const chunk of run.from.scan({ day, agriIds: [...described.keys()] }, run.signal)) {
        const before = tally.points;
        await writePatiently(run, toPoints(chunk, described), tally);
        run.onPoints(tally.points - before);
      }
      return tally;
    } catch (error) {
      if (!mayPass(error) || run.signal.aborted) throw error;
      run.onPoints(-tally.points);
      // Getting as far as before again is no progress: a source that always fails at one place must not be asked for ever.
      if (tally.points > furthest) patience.progressed();
      furthest = Math.max(furthest, tally.points);
      await patience.wait('the source cannot be read', error.message);
    }
  }
}

function toPoints(chunk: readonly ScannedPoint[], described: ReadonlyMap<AgriId, FactorDay>): Point[] {
  return chunk.flatMap(({ agriId, t, value, version }) => {
    const factor = described.get(agriId);
    if (factor === undefined) return [];
    const { device, orgId, projectId, theType } = factor;
    return [{ agriId, t, value, version, device, orgId, projectId, theType }];
  });
}
