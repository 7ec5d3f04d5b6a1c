import { count, ms } from '../progress-lines.ts';
import type { Difference, FactorComparison } from '../verify/compare-history.ts';
import type { ReplayReport, VerificationReport } from './replay-report.ts';

/** What a person reads at the end. */
export function summaryLines(report: ReplayReport): string[] {
  const { totals, throughput, latencyMs, refused, skipped, process, seconds } = report;
  const lines = [
    `${count(totals.acceptedReadings)} readings in ${count(totals.accepted)} messages taken in ${seconds.toFixed(1)} s: ${count(throughput.readingsPerSecond)} readings/s`,
    `latency ${report.latencyFrom === 'due' ? 'from when a message was due' : 'from the send'}: p50 ${ms(latencyMs.p50)}, p99 ${ms(latencyMs.p99)}, p99.9 ${ms(latencyMs.p999)}, max ${ms(latencyMs.max)}`,
    ...(report.latencyFrom === 'due'
      ? [`${count(totals.late)} of ${count(totals.messages)} sends were late`]
      : []),
    `memory at most ${process.maxRssMiB.toFixed(0)} MiB, ${process.cpuSeconds.toFixed(1)} s of CPU`,
  ];
  for (const { reason, count: times, first } of refused) {
    lines.push(`not taken: ${count(times)} × ${reason}${first === '' ? '' : `; the first: ${first}`}`);
  }
  if (skipped.count > 0) {
    lines.push(`${count(skipped.count)} of the source were no messages and left out:`);
    lines.push(...skipped.first.map((problem) => `  ${problem}`));
  }
  for (const { url, refused: byReason } of report.watched) {
    const texts = byReason.map(({ reason, count: times }) => `${reason} ${count(times)}`);
    if (texts.length > 0) lines.push(`refused by ${url}: ${texts.join(', ')}`);
  }
  const mustBe = Object.entries(report.mustBeRefused);
  if (mustBe.length > 0)
    lines.push(`had to be refused: ${mustBe.map(([reason, n]) => `${reason} ${count(n)}`).join(', ')}`);
  if (report.quarantine)
    lines.push(
      `messages in quarantine: ${count(report.quarantine.before)} before, ${count(report.quarantine.after)} after`,
    );
  if (report.verification) lines.push(...verificationLines(report.verification));
  return lines;
}

function verificationLines(verification: VerificationReport): string[] {
  const { expected, right, missing, wrong, duplicate, sample, from, factors } = verification;
  return [
    `read back from ${from}${sample < 1 ? `, a sample of ${count(factors)} factors` : ''}: ${count(expected)} expected, ${count(right)} right, ${count(missing)} missing, ${count(wrong)} wrong, ${count(duplicate)} duplicate`,
    ...Object.entries(verification.unverifiable).map(
      ([why, times]) => `  not verifiable: ${count(times)} × ${why}`,
    ),
    ...findingLines(verification),
  ];
}

/** What reading back found beside the right points, a line each, with the first of each kind. Nothing when all was right. */
export function findingLines(verification: FactorComparison): string[] {
  const { contested, others } = verification;
  const lines: string[] = [];
  if (contested > 0)
    lines.push(
      `  ${count(contested)} of the right were sent with several values at one time; only that they are there was checked`,
    );
  if (others > 0) lines.push(`  ${count(others)} more points of these factors were not from this replay`);
  if (verification.firstMissing) lines.push(`  first missing: ${place(verification.firstMissing)}`);
  if (verification.firstWrong) lines.push(`  first wrong: ${place(verification.firstWrong)}`);
  if (verification.firstDuplicate) lines.push(`  first duplicate: ${place(verification.firstDuplicate)}`);
  return lines;
}

function place({ agriId, t, expected, read }: Difference): string {
  const sent = expected === undefined ? '' : `, ${expected} was sent`;
  const found = read === undefined ? '' : `, ${read} was read`;
  return `${agriId} at ${new Date(t).toISOString()}${sent}${found}`;
}
