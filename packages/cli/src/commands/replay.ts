import { writeFile } from 'node:fs/promises';
import { UsageError } from '../errors.ts';
import { watchMetrics } from '../replay/measure/watch-metrics.ts';
import { type OpenReplay, openReplay, syntheticOf } from '../replay/open-replay.ts';
import { systemClock } from '../replay/pace/dispatch.ts';
import { describeRate, type Rate } from '../replay/pace/schedule.ts';
import { type ReplayFlags, rateOf } from '../replay/replay-options.ts';
import { ReplayRun } from '../replay/replay-run.ts';
import { htmlReport } from '../replay/report/html-report.ts';
import { buildReport, type ReplayReport } from '../replay/report/replay-report.ts';
import { summaryLines } from '../replay/report/summary-lines.ts';
import { keepHeapSmall } from '../replay/small-heap.ts';
import { syntheticFleet } from '../replay/synthetic/synthetic-fleet.ts';
import { Ticker } from '../replay/ticker.ts';
import { findShift } from '../replay/time/find-shift.ts';
import { Expectations } from '../replay/verify/expectations.ts';
import { Judge } from '../replay/verify/judge.ts';
import { type Verification, verifyPoints } from '../replay/verify/verify-points.ts';
import { startLiveLines } from '../terminal/live-lines.ts';
import { writeText } from '../terminal/write-text.ts';

/** Exit codes beside 0 and 1: something was not taken or not right; Ctrl-C. */
const EXIT_DIFFERENT = 2;
const EXIT_STOPPED = 130;
/** What is under way when Ctrl-C comes has so long to be answered. */
const STOP_GRACE_MS = 10_000;

/**
 * `furrow replay`: sends the messages of a source and, if asked, reads back what they must have become. Sets the exit code; rejects with
 * UsageError and the like when flags, source or target are wrong.
 */
export async function replay(path: string | undefined, flags: ReplayFlags): Promise<void> {
  if (await wroteFleet(path, flags)) return;
  const rate = rateOf(flags);
  if (!rate) throw new UsageError('say how fast with one of --fast, --rate <readings/s> and --speed <times>');
  keepHeapSmall();
  const stop = listenForStop();
  try {
    const open = await openReplay(path, flags, process.env);
    try {
      const { report, failed } = await run(open, flags, rate, stop);
      await writeReports(report, flags);
      await writeText(process.stdout, `${summaryLines(report).join('\n')}\n`);
      if (failed) process.exitCode = EXIT_DIFFERENT;
      if (stop.stopped.aborted) process.exitCode = EXIT_STOPPED;
    } finally {
      await open.close();
    }
  } finally {
    stop.end();
  }
}

/** Writes the fleet file of a synthetic fleet. Resolves to whether that was all there was to do. */
async function wroteFleet(path: string | undefined, flags: ReplayFlags): Promise<boolean> {
  const { writeFleet, to } = flags;
  if (writeFleet === undefined) return false;
  const spec = syntheticOf(path, flags);
  if (!spec) throw new UsageError('--write-fleet goes with --synthetic');
  await writeFile(writeFleet, `${JSON.stringify(syntheticFleet(spec))}\n`);
  console.error(
    `Wrote the fleet to ${writeFleet}; \`furrow seed ${writeFleet}\` makes its devices and shows their tokens.`,
  );
  return to === undefined;
}

interface Stop {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly stopped: AbortSignal;
  /** Aborts some seconds later; a second signal ends the process at once. */
  readonly abandoned: AbortSignal;
  readonly end: () => void;
}

function listenForStop(): Stop {
  const stopped = new AbortController();
  const abandoned = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    if (stopped.signal.aborted) process.exit(EXIT_STOPPED);
    console.error(
      'Stopping: nothing more is sent, and what is under way is waited for. Ctrl-C again ends at once.',
    );
    stopped.abort();
    timer = setTimeout(() => abandoned.abort(), STOP_GRACE_MS);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const end = (): void => {
    clearTimeout(timer);
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  };
  return { stopped: stopped.signal, abandoned: abandoned.signal, end };
}

async function run(
  open: OpenReplay,
  flags: ReplayFlags,
  rate: Rate,
  { stopped, abandoned }: Stop,
): Promise<{ report: ReplayReport; failed: boolean }> {
  const { source, target, address, queues, plans, reader } = open;
  const live = startLiveLines();
  const { shiftMs, messages } = await findShift(source, flags, open.synthetic !== undefined, live, stopped);
  const expectations = reader && new Expectations(flags.sample);
  const judging = plans !== undefined || reader !== undefined;
  const judge = judging ? new Judge({ plans, throughApi: address.kind === 'api', now: Date.now }) : undefined;
  const [quarantineBefore, watchedBefore] = await Promise.all([
    queues.quarantine(),
    watchMetrics(flags.watch),
  ]);
  console.error(`Sending ${source.description} to ${target.description}, ${describeRate(rate)}.`);
  const startedAt = Date.now();
  const { limit, strict = false } = flags;
  const replayRun = new ReplayRun({
    source,
    target,
    rate,
    shiftMs,
    limit,
    strict,
    judge,
    expectations,
    clock: systemClock,
    signal: stopped,
    abandon: abandoned,
  });
  const ticker = new Ticker({
    meter: replayRun.meter,
    queues,
    watch: flags.watch,
    live,
    messages: limit ?? messages,
  });
  try {
    await replayRun.send();
    await ticker.sent();
    if (!stopped.aborted) await ticker.drained(flags.wait * 1000, stopped);
    await ticker.end();
    const verification =
      expectations && reader && !stopped.aborted
        ? await verify(expectations, reader, flags, stopped)
        : undefined;
    const quarantineAfter = await queues.quarantine();
    const report = buildReport(replayRun.meter, {
      source: source.description,
      target: target.description,
      rate: describeRate(rate),
      latencyFrom: rate.kind === 'fast' ? 'sent' : 'due',
      connections: flags.connections,
      shiftMs,
      startedAt,
      stopped: stopped.aborted,
      skipped: replayRun.skipped,
      mustBeRefused: replayRun.mustBeRefused,
      quarantine:
        quarantineBefore === undefined || quarantineAfter === undefined
          ? undefined
          : { before: quarantineBefore, after: quarantineAfter },
      watchedBefore,
      watchedAfter: await watchMetrics(flags.watch),
      verification: verification && {
        ...verification,
        sample: flags.sample,
        unverifiable: replayRun.unverifiable,
      },
    });
    return {
      report,
      failed: replayRun.notTaken > 0 || (verification !== undefined && isDifferent(verification)),
    };
  } finally {
    await ticker.end();
    expectations?.close();
  }
}

async function verify(
  expectations: Expectations,
  reader: NonNullable<OpenReplay['reader']>,
  flags: ReplayFlags,
  signal: AbortSignal,
): Promise<Verification | undefined> {
  console.error(
    `Reading back ${expectations.factors.length.toLocaleString('en-US')} factors from ${reader.description}.`,
  );
  try {
    return await verifyPoints({
      expectations,
      reader,
      patienceMs: flags.wait * 1000,
      signal,
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function isDifferent({ missing, wrong, duplicate }: Verification): boolean {
  return missing > 0 || wrong > 0 || duplicate > 0;
}

async function writeReports(report: ReplayReport, { report: json, html }: ReplayFlags): Promise<void> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  if (html !== undefined) await writeFile(html, await htmlReport(report));
  const files = [json, html].filter((file) => file !== undefined);
  if (files.length > 0) console.error(`Report: ${files.join(', ')}`);
}
