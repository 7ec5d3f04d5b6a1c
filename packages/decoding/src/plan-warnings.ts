import { isBitTable } from '@furrow/contracts';
import { BYTE_ORDERS } from './byte-order.ts';
import type { PlanProblem } from './plan.ts';
import type { CompiledFactor } from './planned-factor.ts';
import { REGISTER_TYPES } from './register-types.ts';

/**
 * What looks wrong about sound factors and may be right all the same, in the order of the factors: registers that two of them take
 * for different values, all four bytes reversed, raw numbers that the type does not have.
 */
export function planWarnings(factors: readonly CompiledFactor[]): PlanProblem[] {
  const taken = new Map<string, { readonly mask: number; readonly agriId: string }[]>();
  return factors
    .filter(({ problem, definition }) => problem === undefined && !isBitTable(definition.modbus_type))
    .flatMap((planned) => {
      const messages = [...overlaps(planned, taken), ...reversals(planned), ...impossibleRaws(planned)];
      return messages.map((message) => ({ agriId: planned.factor.agri_id, message }));
    });
}

/** Notes down the bits that the factor takes, and names the earlier factors that take one of them. */
function overlaps(
  { factor, definition, position, width }: CompiledFactor,
  taken: Map<string, { readonly mask: number; readonly agriId: string }[]>,
): string[] {
  const others = new Set<string>();
  const { wordsReversed, bytesSwapped } = BYTE_ORDERS[definition.data_endian];
  const masks = REGISTER_TYPES[definition.data_type].mask(definition.bit ?? 0, width);
  const onWire = (wordsReversed ? masks.toReversed() : masks).map((mask) =>
    bytesSwapped ? ((mask & 0xff) << 8) | (mask >>> 8) : mask,
  );
  for (const [offset, mask] of onWire.entries()) {
    const place = `${definition.unit} ${definition.modbus_type} ${position + offset}`;
    const here = taken.get(place) ?? [];
    for (const other of here) if (other.mask & mask) others.add(other.agriId);
    taken.set(place, [...here, { mask, agriId: factor.agri_id }]);
  }
  return [...others].map((agriId) => `it reads bits that ${agriId} reads as another value`);
}

function reversals({ definition, width }: CompiledFactor): string[] {
  if (
    definition.data_endian !== 'DCBA' ||
    width < 2 ||
    REGISTER_TYPES[definition.data_type].min === undefined
  )
    return [];
  return [
    `data_endian DCBA ("little") reverses all ${width * 2} bytes; most sensors that send the low register first are CDAB`,
  ];
}

/** Sentinels and labels for raw numbers outside the range of the type, such as 65535 for int16. */
function impossibleRaws({ definition }: CompiledFactor): string[] {
  const { min, max } = REGISTER_TYPES[definition.data_type];
  if (min === undefined || max === undefined) return [];
  const named = [
    ...(definition.sentinels ?? []).map((raw) => ['sentinel', raw] as const),
    ...Object.keys(definition.labels ?? {}).map((raw) => ['label', raw] as const),
  ];
  return named
    .filter(([, raw]) => !(Number(raw) >= Number(min) && Number(raw) <= Number(max)))
    .map(
      ([what, raw]) =>
        `the ${what} ${raw} never occurs: a raw ${definition.data_type} is from ${min} to ${max}`,
    );
}
