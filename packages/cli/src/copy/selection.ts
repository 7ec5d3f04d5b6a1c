import { parseTimestamp } from '@furrow/contracts';
import { DAY_MS, dayOf, type FactorDay, retentionFloor, STORE_MAX_AHEAD_HOURS } from '@furrow/timeseries';

/** What is to be copied. */
export interface Selection {
  /** `project_id` or `org_id/project_id`; empty means all. */
  readonly projects: readonly string[];
  /** First UTC day; undefined means everything that is kept. */
  readonly sinceDay: number | undefined;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The UTC day, since 1970, of a date or of any time that an uplink may have; undefined when it is neither. */
export function parseSince(text: string): number | undefined {
  const t = parseTimestamp(DATE.test(text) ? `${text}T00:00:00Z` : text);
  return t === undefined || t < 0 ? undefined : dayOf(t);
}

/** The days that may hold points at `nowMs`, oldest first: those expire first. */
export function daysOf({ sinceDay = 0 }: Selection, nowMs: number): number[] {
  const first = Math.max(dayOf(retentionFloor(nowMs)), sinceDay);
  const last = dayOf(nowMs + STORE_MAX_AHEAD_HOURS * 3_600_000);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/** True for a factor of the projects that were asked for. */
export function isSelected({ projects }: Selection, factor: FactorDay): boolean {
  if (projects.length === 0) return true;
  return projects.includes(factor.projectId) || projects.includes(projectName(factor));
}

/** How messages call a factor's project. */
export function projectName({ orgId, projectId }: Pick<FactorDay, 'orgId' | 'projectId'>): string {
  return `${orgId}/${projectId}`;
}

/** A UTC day as its date: `2026-01-31`. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
