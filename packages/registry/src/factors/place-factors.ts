import type { AgriId } from '@furrow/contracts';
import { eq } from 'drizzle-orm';
import type { Database } from '../engine/engine.ts';
import { anyOf } from '../lookups/columns.ts';
import { factors } from '../schema/index.ts';
import { type FactorState, isSameFactor, positionKey } from './factor-row.ts';

/** Most factors of one device: each poll of a gateway reads all of them. */
export const MAX_FACTORS_PER_DEVICE = 2_000;

/** Why a factor cannot be where it is wanted. */
export type FactorProblem =
  /** Another factor of the device is at this very position. */
  | { readonly kind: 'position_taken'; readonly factorPk: number | undefined }
  /** Another factor has the label: address and index are joined in it without a separator. */
  | { readonly kind: 'label_taken'; readonly agriId: AgriId; readonly factorPk: number | undefined }
  | { readonly kind: 'too_many'; readonly limit: number };

/** A wanted factor: fit to be written, there already as it is wanted, or refused. */
export type Placed =
  | { readonly kind: 'free'; readonly state: FactorState }
  | { readonly kind: 'same'; readonly factorPk: number }
  | { readonly kind: 'refused'; readonly problem: FactorProblem };

type FactorRow = typeof factors.$inferSelect;

/**
 * Judges wanted factors of one locked device against what the device has, against each other, and against every label there is. The
 * answers are in the order of `wanted`. `replaced` are keys of factors that go away in the same transaction.
 */
export async function placeFactors(
  tx: Database,
  devicePk: number,
  wanted: readonly FactorState[],
  replaced: ReadonlySet<number> = new Set(),
): Promise<readonly Placed[]> {
  const stays = ({ pk }: FactorRow) => !replaced.has(pk);
  const own = (await tx.select().from(factors).where(eq(factors.devicePk, devicePk))).filter(stays);
  const labels = wanted.map(({ agriId }) => agriId);
  const labelled = (await tx.select().from(factors).where(anyOf(factors.agriId, labels))).filter(stays);
  const positions = new Map<string, FactorRow | undefined>(own.map((row) => [positionKey(row), row]));
  const holders = new Map<AgriId, FactorRow | undefined>(labelled.map((row) => [row.agriId, row]));
  let count = own.length;
  return wanted.map((state): Placed => {
    const position = positionKey(state);
    const there = positions.get(position);
    if (there && isSameFactor({ ...state, agriId: there.agriId }, there)) {
      return { kind: 'same', factorPk: there.pk };
    }
    if (positions.has(position)) {
      return { kind: 'refused', problem: { kind: 'position_taken', factorPk: there?.pk } };
    }
    if (holders.has(state.agriId)) {
      const holder = holders.get(state.agriId);
      // Another device's factor is not the caller's to know.
      const factorPk = holder?.devicePk === devicePk ? holder.pk : undefined;
      return { kind: 'refused', problem: { kind: 'label_taken', agriId: state.agriId, factorPk } };
    }
    if (count >= MAX_FACTORS_PER_DEVICE) {
      return { kind: 'refused', problem: { kind: 'too_many', limit: MAX_FACTORS_PER_DEVICE } };
    }
    count += 1;
    positions.set(position, undefined);
    holders.set(state.agriId, undefined);
    return { kind: 'free', state };
  });
}
