import type { FactorDay, PointStore } from '@furrow/timeseries';
import { UsageError } from '../errors.ts';
import { type PatienceLimits, patiently } from './patience.ts';
import { daysOf, isSelected, projectName, type Selection } from './selection.ts';

/** What a project's part of a copy is. */
export interface ProjectPlan {
  readonly project: string;
  readonly factors: ReadonlySet<string>;
  days: number;
  points: number;
}

/** What there is to copy. The factors of each day are asked for again when its turn comes, so that memory holds one day of them. */
export interface CopyPlan {
  /** Days with points, oldest first. */
  readonly days: readonly number[];
  readonly points: number;
  /** By name. */
  readonly projects: readonly ProjectPlan[];
}

/** A store that is read, and how patiently. */
export interface Source {
  readonly from: Pick<PointStore, 'factorsOn'>;
  readonly limits: PatienceLimits;
  readonly signal: AbortSignal;
}

/** Counts what was selected. Throws {@link UsageError} for a project that the source has no points of. */
export async function planCopy(source: Source, selection: Selection, nowMs: number): Promise<CopyPlan> {
  const days: number[] = [];
  const projects = new Map<string, ProjectPlan & { readonly factors: Set<string> }>();
  const known = new Set<string>();
  for await (const { day, factors: all } of factorsOfDays(source, daysOf(selection, nowMs))) {
    for (const factor of all) known.add(projectName(factor));
    const factors = all.filter((factor) => isSelected(selection, factor));
    if (factors.length > 0) days.push(day);
    for (const [project, some] of Map.groupBy(factors, projectName)) {
      const plan = projects.get(project) ?? { project, factors: new Set(), days: 0, points: 0 };
      projects.set(project, plan);
      plan.days += 1;
      for (const { agriId, points } of some) {
        plan.factors.add(agriId);
        plan.points += points;
      }
    }
  }
  refuseUnknown(selection, known);
  const sorted = [...projects.values()].sort((a, b) => (a.project < b.project ? -1 : 1));
  return { days, points: sorted.reduce((sum, { points }) => sum + points, 0), projects: sorted };
}

/** The factors that have points on a day at the source. */
export function factorsOn({ from, limits, signal }: Source, day: number): Promise<readonly FactorDay[]> {
  return patiently('the source cannot be read', () => from.factorsOn(day, signal), limits, signal);
}

/** Days that are asked for at once: a service behind a network takes its time for each. */
const DAYS_AT_ONCE = 4;

async function* factorsOfDays(source: Source, days: readonly number[]) {
  for (let start = 0; start < days.length; start += DAYS_AT_ONCE) {
    const some = days.slice(start, start + DAYS_AT_ONCE);
    yield* await Promise.all(some.map(async (day) => ({ day, factors: await factorsOn(source, day) })));
  }
}

const MOST_NAMED = 10;

function refuseUnknown({ projects }: Selection, known: ReadonlySet<string>): void {
  const names = new Set([...known].flatMap((project) => [project, project.slice(project.indexOf('/') + 1)]));
  const missing = projects.find((project) => !names.has(project));
  if (missing === undefined) return;
  const there = [...known].sort();
  const more = there.length > MOST_NAMED ? `, and ${there.length - MOST_NAMED} more` : '';
  const list =
    there.length === 0 ? 'it has no points at all' : `it has ${there.slice(0, MOST_NAMED).join(', ')}${more}`;
  throw new UsageError(`the source has no points of project ${missing} in that time; ${list}`);
}
