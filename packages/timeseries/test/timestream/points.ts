import type { AgriId, Point } from '@furrow/contracts';

/** Noon of a day. */
export const NOW = Date.UTC(2026, 1, 16, 12);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const FACTOR = 'd-1000-abcd-1-000' as AgriId;

export function point(changes: Partial<Point> = {}): Point {
  return {
    agriId: FACTOR,
    t: NOW,
    value: 21.5,
    version: NOW,
    device: 'd-1000-abcd' as AgriId,
    orgId: 'yanji-lab',
    projectId: 'greenhouse-alpha',
    theType: 'temp',
    ...changes,
  };
}

/** `count` points of ten factors, one minute apart, newest first. */
export function series(count: number, changes: (index: number) => Partial<Point> = () => ({})): Point[] {
  return Array.from({ length: count }, (_, index) =>
    point({
      agriId: `d-1000-abcd-1-00${index % 10}` as AgriId,
      t: NOW - Math.floor(index / 10) * 60_000,
      value: index,
      ...changes(index),
    }),
  );
}
