import { alignColumns } from '../terminal/columns.ts';
import type { CopyPlan } from './copy-plan.ts';
import type { CopyTally } from './copy-tally.ts';
import { dateOf } from './selection.ts';
import type { VerifyTally } from './verify-tally.ts';

/** What would be copied, a line a project. */
export function planLines({ days, points, projects }: CopyPlan): string[] {
  const [first, last] = [days.at(0), days.at(-1)];
  if (first === undefined || last === undefined) return ['There is nothing to copy.'];
  const factors = projects.reduce((sum, project) => sum + project.factors.size, 0);
  const rows = projects.map((project) => [
    project.project,
    count(project.factors.size),
    count(project.days),
    count(project.points),
  ]);
  return [
    `${count(points)} points of ${count(factors)} factors on ${count(days.length)} days, ${dateOf(first)} to ${dateOf(last)}:`,
    ...alignColumns([['project', 'factors', 'days', 'points'], ...rows], [1, 2, 3]).map(
      (line) => `  ${line}`,
    ),
  ];
}

/** What became of the points that were copied. `doneBefore`: what an earlier run had copied. */
export function copyLines(tally: CopyTally, doneBefore: number, durationMs: number): string[] {
  const seconds = durationMs / 1000;
  const rate = Math.round(tally.points / Math.max(seconds, 0.001));
  const before = doneBefore > 0 ? `, ${count(doneBefore)} were done by an earlier run` : '';
  return [
    `Copied ${count(tally.points)} points in ${seconds.toFixed(1)} s (${count(rate)} a second): ${count(tally.stored)} stored, ${count(tally.alreadyStored)} stored already${before}.`,
    ...(tally.expired > 0 ? [`${count(tally.expired)} grew older than 90 days on the way.`] : []),
    ...(tally.refusedPoints > 0 ? [`${count(tally.refusedPoints)} were refused by the destination:`] : []),
    ...[...tally.refused].map(
      ([reason, refusals]) => `  ${count(refusals.count)}: ${reason} (${refusals.examples.join(', ')})`,
    ),
  ];
}

/** What the comparison of the stores found. */
export function verifyLines(tally: VerifyTally): string[] {
  const { factorDays, points, faultyFactorDays, missing, wrong, named } = tally;
  const compared = `Verified ${count(points)} points on ${count(factorDays)} days of single factors`;
  const verdict = tally.ok
    ? `${compared}: all are at the destination.`
    : `${compared}: ${count(faultyFactorDays)} differ, ${count(missing)} points missing and ${count(wrong)} wrong:`;
  const unnamed = faultyFactorDays - named.length;
  return [
    verdict,
    ...named.map(
      (one) =>
        `  ${one.agriId} on ${dateOf(one.day)}: ${count(one.missing)} missing, ${count(one.wrong)} wrong; ${one.example}`,
    ),
    ...(unnamed > 0 ? [`  and ${count(unnamed)} more`] : []),
    ...(tally.newer > 0 ? [`${count(tally.newer)} points are newer at the destination.`] : []),
    ...(tally.more > 0 ? [`${count(tally.more)} points are at the destination only.`] : []),
  ];
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
