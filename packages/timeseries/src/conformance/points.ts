import type { AgriId, Point } from '@furrow/contracts';
import type { HistoryPage, PointStore } from '../point-store.ts';
import { MAX_PAGE_SIZE } from '../query-rules.ts';

/** The time at which the cases play: noon of a day, so that a few hours to both sides stay in it. */
export const NOW = Date.UTC(2026, 1, 16, 12);
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** Marks text as an agri_id without checking its grammar: engines must be safe with any text. */
export function id(text: string): AgriId {
  return text as AgriId;
}

export const DEVICE = id('d-1000-abcd');
export const FACTOR = id('d-1000-abcd-1-000');

/** A point of `FACTOR` at `NOW`, changed as given. */
export function point(changes: Partial<Point> = {}): Point {
  return {
    agriId: FACTOR,
    t: NOW,
    value: 21.5,
    version: NOW,
    device: DEVICE,
    orgId: 'yanji-lab',
    projectId: 'greenhouse-alpha',
    theType: 'temp',
    ...changes,
  };
}

/** A factor's whole history on one page. */
export function wholeHistory(store: PointStore, agriId: AgriId = FACTOR): Promise<HistoryPage> {
  return store.history({ agriId, page: 1, pageSize: MAX_PAGE_SIZE, minT: 0 });
}

/** `[t, value]` of every point, newest first. */
export async function readings(store: PointStore, agriId: AgriId = FACTOR): Promise<[number, number][]> {
  const { total, points } = await wholeHistory(store, agriId);
  if (total !== points.length) throw new Error(`total is ${total}, but ${points.length} points were read`);
  return points.map(({ t, value }) => [t, value]);
}
