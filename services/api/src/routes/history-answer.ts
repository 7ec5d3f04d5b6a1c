import type { FactorOfDevice } from '@furrow/registry';
import { z } from 'zod';
import type { ApiDeps } from '../api-deps.ts';
import type { historyQuerySchema } from '../query-schemas.ts';
import { findPlanned, labelOfValue } from './value-label.ts';

/** How long a history answer is kept (reference: "cache time is 5 minutes"). */
export const HISTORY_CACHE_SECONDS = 300;

/** One page of a factor's history in the form of the reference. */
export const historySchema = z.object({
  total: z.int().describe('Readings on all pages together'),
  data: z.array(
    z.object({
      agri_id: z.string(),
      v: z.number(),
      t: z.number().describe('UTC seconds'),
      label: z.string().optional().describe('What the value of an enumeration stands for'),
    }),
  ),
});

/** Milliseconds since 1970 as UTC seconds, a fraction only where the reading's time has one. */
export function toSeconds(ms: number): number {
  return ms / 1000;
}

/** A page of the factor's history, newest first. */
export function answerHistory(
  deps: Pick<ApiDeps, 'store' | 'cache' | 'registry'>,
  { factor, device }: FactorOfDevice,
  query: z.output<typeof historyQuerySchema>,
  fresh: boolean,
): Promise<z.input<typeof historySchema>> {
  const { page, page_size: pageSize, min_timestamp: minTimestamp } = query;
  const agriId = factor.agri_id;
  const key = `history ${page} ${pageSize} ${minTimestamp}`;
  return deps.cache.get({ key, agriId, ttlMs: HISTORY_CACHE_SECONDS * 1000, fresh }, async () => {
    const { total, points } = await deps.store.history({ agriId, page, pageSize, minT: minTimestamp * 1000 });
    const plans = factor.labels && (await deps.registry.plans.plansFor([device.agriId]));
    const planned = findPlanned(agriId, plans?.get(device.agriId));
    const data = points.map(({ value, t }) => {
      const label = labelOfValue(planned, value);
      return { agri_id: agriId, v: value, t: toSeconds(t), ...(label !== undefined && { label }) };
    });
    return { body: { total, data }, empty: total === 0 };
  });
}
