import type { RunMeter } from './measure/run-meter.ts';
import type { Window } from './measure/timeline.ts';

const MOST_REASONS = 3;

/** How a replay stands, in two or three short lines. `expectedMessages` is what there is to send, where that is known. */
export function progressLines(
  meter: RunMeter,
  window: Window,
  expectedMessages: number | undefined,
): string[] {
  const { totals, reasons } = meter;
  const { p50, p99, max } = window.latency.summary();
  const length = Math.max(0.001, window.toSeconds - window.fromSeconds);
  const part = expectedMessages
    ? ` (${Math.min(100, Math.floor((totals.messages * 100) / expectedMessages))} %)`
    : '';
  const lines = [
    `  ${count(totals.acceptedReadings)} readings in ${count(totals.accepted)} messages${part} · ${count(window.readings / length)}/s · ${clock(meter.seconds)}`,
    `  latency p50 ${ms(p50)} · p99 ${ms(p99)} · max ${ms(max)} · ${count(totals.late)} late${backlogText(window.backlog)}`,
  ];
  const refused = reasons
    .slice(0, MOST_REASONS)
    .map(({ reason, count: times }) => `${reason} ${count(times)}`);
  if (refused.length > 0)
    lines.push(`  not taken: ${refused.join(', ')}${reasons.length > MOST_REASONS ? ', …' : ''}`);
  const byWorkers = [...window.watched.values()].flatMap((sample) => Object.entries(sample.refused));
  if (byWorkers.length > 0) {
    const shown = byWorkers.slice(0, MOST_REASONS).map(([reason, times]) => `${reason} ${count(times)}`);
    lines.push(
      `  refused since the worker began: ${shown.join(', ')}${byWorkers.length > MOST_REASONS ? ', …' : ''}`,
    );
  }
  return lines;
}

function backlogText(backlog: number | undefined): string {
  return backlog === undefined ? '' : ` · backlog ${count(backlog)}`;
}

/** `12,345` */
export function count(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}

/** `7.3 ms`, `12 s` */
export function ms(n: number): string {
  return n >= 10_000 ? `${(n / 1000).toFixed(0)} s` : `${n >= 100 ? n.toFixed(0) : n.toFixed(1)} ms`;
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes === 0 ? `${whole} s` : `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
}
