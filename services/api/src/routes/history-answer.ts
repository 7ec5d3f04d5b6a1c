import type { AgriId } from '@furrow/contracts';
import type { HistoryPage, PointStore } from '@furrow/timeseries';
import type { z } from 'zod';
import { success } from '../envelope.ts';
import type { historyQuerySchema } from '../page-query.ts';
import type { CacheableAnswer, ResponseCache } from '../response-cache.ts';

/** How long a history answer is kept (reference: "cache time is 5 minutes"). */
export const HISTORY_TTL_MS = 5 * 60_000;

/** Milliseconds since 1970 as UTC seconds, a fraction only where the reading's time has one. */
export function toSeconds(ms: number): number {
  return ms / 1000;
}

/** One page of a factor's history in the form of the reference: `{total, data: [{agri_id, v, t}]}`, newest first. */
export function answerHistory(
  deps: { readonly store: PointStore; readonly cache: ResponseCache },
  agriId: AgriId,
  query: z.output<typeof historyQuerySchema>,
  fresh: boolean,
): Promise<unknown> {
  const { page, page_size: pageSize, min_timestamp: minTimestamp } = query;
  const key = `history ${page} ${pageSize} ${minTimestamp}`;
  return deps.cache.get({ key, agriId, ttlMs: HISTORY_TTL_MS, fresh }, async () => {
    const history = await deps.store.history({ agriId, page, pageSize, minT: minTimestamp * 1000 });
    return historyAnswer(agriId, history);
  });
}

function historyAnswer(agriId: AgriId, { total, points }: HistoryPage): CacheableAnswer {
  const data = points.map(({ value, t }) => ({ agri_id: agriId, v: value, t: toSeconds(t) }));
  return { body: success({ total, data }), empty: total === 0 };
}
