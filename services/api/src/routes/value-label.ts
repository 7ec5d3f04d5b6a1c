import type { AgriId } from '@furrow/contracts';
import type { PlannedFactor } from '@furrow/decoding';
import type { DevicePlan } from '@furrow/registry';

/** What each value of an enumerated factor stands for, made once a plan. */
const labelsByFactor = new WeakMap<PlannedFactor, ReadonlyMap<number, string>>();

/** The factor with this label, of the device or of a device below it. */
export function findPlanned(agriId: AgriId, plan: DevicePlan | undefined): PlannedFactor | undefined {
  if (plan === undefined) return undefined;
  const own = plan.plan.find(agriId);
  if (own) return own;
  for (const { plan: below } of plan.subDevices) {
    const found = below.find(agriId);
    if (found) return found;
  }
  return undefined;
}

/**
 * What a stored value of an enumerated factor stands for, by the labels that the factor has now. The engines keep values alone, so
 * each labelled raw number is decoded once and its value remembered; a value that two labels come to has none.
 */
export function labelOfValue(planned: PlannedFactor | undefined, value: number): string | undefined {
  const labels = planned?.factor.labels;
  if (planned === undefined || labels === undefined) return undefined;
  const known = labelsByFactor.get(planned) ?? valuesOf(planned, labels);
  labelsByFactor.set(planned, known);
  return known.get(value);
}

function valuesOf(planned: PlannedFactor, labels: Readonly<Record<string, string>>): Map<number, string> {
  const known = new Map<number, string>();
  const ambiguous = new Set<number>();
  for (const [raw, label] of Object.entries(labels)) {
    const decoded = planned.fromReading(raw, false);
    if (!decoded.ok) continue;
    if (known.has(decoded.value) && known.get(decoded.value) !== label) ambiguous.add(decoded.value);
    known.set(decoded.value, label);
  }
  for (const value of ambiguous) known.delete(value);
  return known;
}
