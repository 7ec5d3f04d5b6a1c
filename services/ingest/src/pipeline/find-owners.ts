import { type AgriId, agriIdSchema, type Uplink } from '@furrow/contracts';
import type { PlanSource } from '@furrow/registry';
import type { FindOwner } from './authorize.ts';

/**
 * Fetches the plans that an uplink needs: its device's, or where it names none, those of the devices with the longest agri_id that
 * its items belong to. Rejects with the registry's retryable error when neither the registry nor its cache can answer.
 */
export async function findOwners(uplink: Uplink, plans: PlanSource, signal: AbortSignal): Promise<FindOwner> {
  const { device } = uplink;
  const owners =
    device === undefined
      ? await plans.ownersOf(itemIds(uplink), signal)
      : await plans.plansFor([device], signal);
  return (id) => owners.get(id);
}

/** The well-formed agri_ids of the items, each once; the others are refused later, by themselves. */
function itemIds(uplink: Uplink): AgriId[] {
  const ids = new Set<AgriId>();
  for (const item of uplink.items) {
    const parsed = agriIdSchema.safeParse(
      typeof item === 'object' && item !== null ? Reflect.get(item, 'agri_id') : undefined,
    );
    if (parsed.success) ids.add(parsed.data);
  }
  return [...ids];
}
