import { median } from '../bench/table.ts';
import { trendLine } from './flatness.ts';
import type { SoakReport } from './timestream.ts';

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

/** A run in lines for people: what was sent, what went wrong on the way, what was found. */
export function soakSummary(report: SoakReport): string {
  const { sent, service, store, quarantine, samples, problems } = report;
  const last = samples.at(-1);
  const memory = samples.map(({ residentMb }) => residentMb);
  const fifth = Math.ceil(memory.length / 5);
  const rows = [
    [
      'sent',
      `${count(report.readings)} readings in ${count(sent.seconds)} s, ${sent.repeated} messages twice`,
    ],
    [
      'queue',
      `empty ${report.drainSeconds.toFixed(1)} s after the last message; the load waited ${sent.heldBack} times`,
    ],
    [
      'service',
      `${count(service.calls)} calls, ${percent(service.throttled, service.calls)} throttled, ${service.lost} answers lost`,
    ],
    ['returned', `${count(last?.readings.returned ?? 0)} readings went back to the queue and came again`],
    ['store', `${count(store.read)} of ${count(store.expected)} points read back`],
    [
      'quarantine',
      `${count(quarantine.refused)} points refused; ${count(quarantine.rejects)} rejects in ${count(quarantine.envelopes)} messages`,
    ],
    [
      'ledger',
      `imbalance ${Math.max(...samples.map(({ imbalance }) => imbalance))} at worst in ${samples.length} samples`,
    ],
    [
      'memory',
      `${count(median(memory.slice(fifth, 2 * fifth)))} MiB early, ${count(median(memory.slice(-fifth)))} MiB late, ${count(Math.max(...memory))} MiB at most`,
    ],
    ['trend', trendLine(samples)],
  ];
  const verdict =
    problems.length === 0
      ? 'Nothing lost, nothing twice, nothing made up.'
      : `${problems.length} problems:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`;
  return [...rows.map(([name = '', text]) => `${name.padEnd(11)} ${text}`), '', verdict].join('\n');
}
