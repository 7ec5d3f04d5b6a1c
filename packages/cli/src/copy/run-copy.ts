import { existsSync } from 'node:fs';
import type { PointStore } from '@furrow/timeseries';
import { startProgress } from '../terminal/progress.ts';
import { type CopyPlan, planCopy } from './copy-plan.ts';
import { type CopyJob, copyPoints, verifyPoints } from './copy-points.ts';
import { CopyTally } from './copy-tally.ts';
import { type CopyHeader, Journal } from './journal.ts';
import type { PatienceLimits } from './patience.ts';
import { copyLines, planLines, verifyLines } from './report-lines.ts';
import type { Selection } from './selection.ts';

/** What a copy needs of the process that it runs in. */
export interface CopySetup {
  readonly mode: 'copy' | 'dry-run' | 'verify-only';
  readonly header: CopyHeader;
  readonly selection: Selection;
  readonly journalFile: string;
  readonly limits: PatienceLimits;
  /** Fires to stop; every call under way follows it. */
  readonly stop: AbortController;
  readonly openFrom: () => Promise<PointStore>;
  readonly openTo: () => Promise<PointStore>;
  readonly print: (line: string) => Promise<unknown>;
  /** Where progress is shown. */
  readonly screen: NodeJS.WriteStream;
}

/**
 * Plans, copies and verifies, or only what the mode says; tells of each in lines. Resolves to whether everything that was to be at the
 * destination is there; true also when there is nothing to copy. Whoever opened the stores closes them.
 */
export async function runCopy(setup: CopySetup): Promise<boolean> {
  const { mode, header, selection, limits, stop, print } = setup;
  const from = await setup.openFrom();
  const plan = await planCopy({ from, limits, signal: stop.signal }, selection, Date.now());
  if (mode === 'dry-run' || plan.points === 0) {
    await print(`From ${header.from}\nto   ${header.to}`);
    for (const line of planLines(plan)) await print(line);
    return true;
  }
  setup.screen.write(`From ${header.from}\nto   ${header.to}\n`);
  const to = await setup.openTo();
  const journal =
    mode === 'copy' || existsSync(setup.journalFile)
      ? await Journal.open(setup.journalFile, header)
      : undefined;
  try {
    const job = { from, to, selection, days: plan.days, limits, stop };
    if (mode === 'copy' && journal !== undefined) await copyAll(setup, job, plan, journal);
    return await verifyAll(setup, job, plan, journal);
  } finally {
    await journal?.close();
  }
}

type Job = Omit<CopyJob, 'onProgress'>;

async function copyAll(setup: CopySetup, job: Job, plan: CopyPlan, journal: Journal): Promise<void> {
  const startedAt = performance.now();
  const tally = new CopyTally();
  const progress = startProgress('points copied', plan.points, setup.screen);
  let reached = 0;
  const onProgress = (points: number) => {
    reached = points;
    progress.update(points);
  };
  try {
    await copyPoints({ ...job, onProgress }, journal, tally);
  } finally {
    progress.stop();
    const doneBefore = setup.stop.signal.aborted ? 0 : Math.max(0, reached - tally.points);
    for (const line of copyLines(tally, doneBefore, performance.now() - startedAt)) await setup.print(line);
  }
}

async function verifyAll(
  setup: CopySetup,
  job: Job,
  plan: CopyPlan,
  journal: Journal | undefined,
): Promise<boolean> {
  const progress = startProgress('points verified', plan.points, setup.screen);
  try {
    const tally = await verifyPoints({ ...job, onProgress: progress.update }, journal);
    progress.stop();
    for (const line of verifyLines(tally)) await setup.print(line);
    if (!tally.ok) await setup.print('The same command copies again what differs.');
    return tally.ok;
  } finally {
    progress.stop();
  }
}
