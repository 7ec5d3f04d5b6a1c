import type { AgriId, Point } from '@furrow/contracts';

/** What a call's points of one factor have in common: found once, so that most of them need no look of their own. */
export interface FactorSurvey {
  /** The first point with the highest version. */
  newest: Point;
  earliestT: number;
  latestT: number;
  /** Each point is later than the one before it, as live readings are; so no time comes twice. */
  rising: boolean;
}

/** Surveys the points at `indices`, by factor. */
export function surveyFactors(
  points: readonly Point[],
  indices: readonly number[],
): Map<AgriId, FactorSurvey> {
  const surveys = new Map<AgriId, FactorSurvey>();
  for (const index of indices) {
    const point = points[index];
    if (point === undefined) continue;
    const { agriId, t } = point;
    const survey = surveys.get(agriId);
    if (survey === undefined) {
      surveys.set(agriId, { newest: point, earliestT: t, latestT: t, rising: true });
      continue;
    }
    if (point.version > survey.newest.version) survey.newest = point;
    if (t > survey.latestT) {
      survey.latestT = t;
      continue;
    }
    survey.rising = false;
    survey.earliestT = Math.min(survey.earliestT, t);
  }
  return surveys;
}

/** The points that win their key within the call, in its order: the highest version, among equals the first. */
export function newestPerKey(
  points: readonly Point[],
  indices: readonly number[],
  surveys: ReadonlyMap<AgriId, FactorSurvey>,
): readonly number[] {
  if ([...surveys.values()].every(({ rising }) => rising)) return indices;
  const winners = new Map<AgriId, Map<number, number>>();
  const losers = new Set<number>();
  for (const index of indices) {
    const point = points[index];
    if (point === undefined || surveys.get(point.agriId)?.rising) continue;
    const byTime = winners.get(point.agriId) ?? new Map<number, number>();
    winners.set(point.agriId, byTime);
    const rivalIndex = byTime.get(point.t);
    const rival = points[rivalIndex ?? -1];
    if (rivalIndex === undefined || rival === undefined) byTime.set(point.t, index);
    else if (point.version > rival.version) {
      losers.add(rivalIndex);
      byTime.set(point.t, index);
    } else losers.add(index);
  }
  return losers.size === 0 ? indices : indices.filter((index) => !losers.has(index));
}
