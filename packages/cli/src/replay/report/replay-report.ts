import { availableParallelism, cpus, totalmem } from 'node:os';
import type { LatencySummary } from '../measure/latency.ts';
import type { RunMeter } from '../measure/run-meter.ts';
import type { WatchedSample, Window } from '../measure/timeline.ts';
import type { Verification } from '../verify/verify-points.ts';

const MIB = 1_048_576;

/** What a report says beside its measurements. */
export interface ReportFacts {
  readonly source: string;
  readonly target: string;
  readonly rate: string;
  /** Latency is measured from when a send was due, or, where nothing is due, from when it was sent. */
  readonly latencyFrom: 'due' | 'sent';
  readonly connections: number;
  /** By how much times were moved, milliseconds. */
  readonly shiftMs: number;
  /** Milliseconds since 1970 UTC. */
  readonly startedAt: number;
  readonly stopped: boolean;
  /** What of the source was no message, and the first of it. */
  readonly skipped: { readonly count: number; readonly first: readonly string[] };
  /** What this replay itself says must be refused, by reason: poison and broken readings. */
  readonly mustBeRefused: Readonly<Record<string, number>>;
  /** Messages in quarantine before and after; undefined where the queue cannot be asked. */
  readonly quarantine: { readonly before: number; readonly after: number } | undefined;
  /** What the watched processes had refused when the replay began, by URL and reason. */
  readonly watchedBefore: ReadonlyMap<string, WatchedSample>;
  readonly watchedAfter: ReadonlyMap<string, WatchedSample>;
  readonly verification: VerificationReport | undefined;
}

/** A verification, with what could not be part of it. */
export interface VerificationReport extends Verification {
  /** Share of the factors that was read back. */
  readonly sample: number;
  /** Readings that could not be verified, by why. */
  readonly unverifiable: Readonly<Record<string, number>>;
}

/** A report as it is written: seconds, milliseconds of latency, MiB, as the names say. */
export type ReplayReport = ReturnType<typeof buildReport>;

/** Puts facts and measurements together. Version 1 of the form; what is unknown is null. */
export function buildReport(meter: RunMeter, facts: ReportFacts) {
  const { totals, latency, maxRssMiB, cpuSeconds, timeline, reasons, sendingSeconds: seconds } = meter;
  const perSecond = (count: number): number => (seconds > 0 ? round(count / seconds, 1) : 0);
  const { watchedBefore, watchedAfter, startedAt, verification, quarantine, ...rest } = facts;
  return {
    tool: 'furrow replay',
    v: 1 as const,
    startedAt: new Date(startedAt).toISOString(),
    seconds: round(seconds, 3),
    ...rest,
    quarantine: quarantine ?? null,
    totals,
    throughput: {
      readingsPerSecond: perSecond(totals.acceptedReadings),
      messagesPerSecond: perSecond(totals.accepted),
      mebibytesPerSecond: round(perSecond(totals.bytes) / MIB, 3),
    },
    latencyMs: latency.summary(),
    refused: reasons,
    process: {
      maxRssMiB: round(maxRssMiB, 1),
      cpuSeconds: round(cpuSeconds, 2),
      cpuSecondsPerMillionReadings:
        totals.acceptedReadings > 0 ? round((cpuSeconds * 1e6) / totals.acceptedReadings, 2) : null,
    },
    watched: [...watchedAfter].map(([url, after]) =>
      watchedReport(url, watchedBefore.get(url), after, timeline.windows),
    ),
    verification: verification ?? null,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memoryMiB: Math.round(totalmem() / MIB),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    },
    windows: timeline.windows.map(windowReport),
  };
}

function watchedReport(
  url: string,
  before: WatchedSample | undefined,
  after: WatchedSample,
  windows: readonly Window[],
) {
  const refused = Object.entries(after.refused)
    .map(([reason, count]) => ({ reason, count: count - (before?.refused[reason] ?? 0) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const rss = windows.flatMap(({ watched }) => watched.get(url)?.rssMiB ?? []);
  return {
    url,
    refused,
    stored: difference(after.stored, before?.stored),
    cpuSeconds: difference(after.cpuSeconds, before?.cpuSeconds),
    maxRssMiB: rss.length === 0 ? null : round(Math.max(...rss), 1),
  };
}

function difference(after: number | undefined, before: number | undefined): number | null {
  return after === undefined ? null : round(after - (before ?? 0), 2);
}

function windowReport(window: Window, index: number, windows: readonly Window[]) {
  const { fromSeconds, toSeconds, messages, readings, late, refused, latency, backlog, rssMiB, cpuSeconds } =
    window;
  const before = index === 0 ? undefined : windows[index - 1];
  const length = Math.max(0.001, toSeconds - fromSeconds);
  return {
    fromSeconds: round(fromSeconds, 3),
    toSeconds: round(toSeconds, 3),
    messages,
    readings,
    readingsPerSecond: round(readings / length, 1),
    late,
    refused,
    latencyMs: latency.summary() satisfies LatencySummary,
    backlog: backlog ?? null,
    rssMiB: round(rssMiB, 1),
    cpuCores: round(cpuSeconds / length, 3),
    watched: Object.fromEntries(
      [...window.watched].map(([url, sample]) => [
        url,
        watchedWindow(sample, before?.watched.get(url), length),
      ]),
    ),
  };
}

function watchedWindow(sample: WatchedSample, before: WatchedSample | undefined, length: number) {
  const cpu = before === undefined ? undefined : difference(sample.cpuSeconds, before.cpuSeconds);
  return {
    rssMiB: sample.rssMiB === undefined ? null : round(sample.rssMiB, 1),
    cpuCores: cpu === undefined || cpu === null ? null : round(cpu / length, 3),
    refused: Object.values(sample.refused).reduce((sum, count) => sum + count, 0),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
