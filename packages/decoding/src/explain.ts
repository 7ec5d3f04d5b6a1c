import {
  agriId,
  DATA_TYPES,
  type DataEndian,
  type DataType,
  type Factor,
  type FactorDefinition,
  factorWidth,
  isBitTable,
  isText,
} from '@furrow/contracts';
import { type Decoded, failed } from './decoded.ts';
import { formatHex } from './hex.ts';
import type { DataFrame } from './modbus-frame.ts';
import { type CompiledFactor, compileFactor } from './planned-factor.ts';

/** The data of a read, and where it began. */
export interface ReadData {
  readonly address: number;
  readonly kind: DataFrame['kind'];
  readonly data: Uint8Array;
}

/** One step from bytes to value, in words. */
export interface ExplainStep {
  readonly step: 'bytes' | 'order' | 'raw' | 'scaling' | 'value';
  readonly text: string;
}

/** The same registers read as another type or in another order. */
export interface Alternative {
  readonly data_type: DataType;
  readonly data_endian: DataEndian;
  readonly value: number;
  /** True when the value lies in the plausible range. */
  readonly plausible: boolean;
}

export interface Explanation {
  readonly result: Decoded;
  readonly steps: readonly ExplainStep[];
  /** The most plausible first; at most {@link MAX_ALTERNATIVES}. The factor's own reading is not among them. */
  readonly alternatives: readonly Alternative[];
}

/** What values are believable; by default the factor's own min and max, or else what measurements are made of. */
export interface PlausibleRange {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export const MAX_ALTERNATIVES = 12;

/** Outside these sizes a measurement is hardly one: floats read in a wrong order are nearly always there. */
const USUAL = { smallest: 1e-4, largest: 1e6 } as const;

/**
 * Says how a factor reads the data of a read, step by step, and what the same place would give as another type or in another byte
 * order. Never throws; a factor outside the data is `frame_unmatched` without steps.
 */
export function explainFactor(factor: Factor, read: ReadData, range: PlausibleRange = factor): Explanation {
  const compiled = compileFactor(factor);
  const at = placeIn(compiled, read);
  if (compiled.problem !== undefined || at === undefined) {
    const result =
      compiled.problem === undefined
        ? failed('frame_unmatched', 'the factor does not lie in the registers read')
        : failed('decode_failed', compiled.problem);
    return { result, steps: [], alternatives: [] };
  }
  const view = viewOf(read);
  const result = compiled.codec.decodeAt(view, at);
  return {
    result,
    steps: explainSteps(compiled, read, at, result),
    alternatives: read.kind === 'bits' ? [] : findAlternatives(compiled.definition, read, range),
  };
}

function viewOf({ data }: ReadData): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

/** Where the factor begins in the data, in what its codec counts in; undefined when it is not all inside. */
function placeIn({ definition, position, width }: CompiledFactor, read: ReadData): number | undefined {
  const isBits = isBitTable(definition.modbus_type);
  if (isBits !== (read.kind === 'bits')) return undefined;
  const offset = position - read.address;
  const count = isBits ? read.data.length * 8 : read.data.length >>> 1;
  if (!(offset >= 0 && offset + width <= count)) return undefined;
  return isBits ? offset : offset * 2;
}

function explainSteps(
  { definition, codec, position, width }: CompiledFactor,
  read: ReadData,
  at: number,
  result: Decoded,
): ExplainStep[] {
  const raw = codec.rawAt(viewOf(read), at);
  const isBits = read.kind === 'bits';
  const place = isBits
    ? `bit ${at % 8} of byte ${Math.floor(at / 8)}: address ${position}`
    : `${formatHex(read.data.subarray(at, at + width * 2))}: registers ${position} to ${position + width - 1}, bytes ${at} to ${at + width * 2 - 1} of the data`;
  const shown = raw.ok ? String(raw.raw) : raw.message;
  return [
    { step: 'bytes', text: place },
    ...(isBits ? [] : [{ step: 'order', text: ORDERS[definition.data_endian] } as const]),
    { step: 'raw', text: `read as ${isBits ? definition.modbus_type : definition.data_type}: ${shown}` },
    { step: 'scaling', text: scalingText(definition, shown) },
    { step: 'value', text: result.ok ? String(result.value) : `${result.reason}: ${result.message}` },
  ];
}

/** The byte orders in words, the one that sensors have most often first. */
const ORDERS: Readonly<Record<DataEndian, string>> = {
  ABCD: 'ABCD: the high register first, the high byte of each first',
  CDAB: 'CDAB: the low register first, the high byte of each first',
  BADC: 'BADC: the high register first, the low byte of each first',
  DCBA: 'DCBA: the low register first, the low byte of each first',
};

function scalingText(definition: FactorDefinition, raw: string): string {
  const { data_factor, data_delta, order, lookup, polynomial, decimals } = definition;
  const linear =
    order === 'delta_first'
      ? `(${raw} + ${data_delta}) × ${data_factor}`
      : `${raw} × ${data_factor} + ${data_delta}`;
  return [
    linear,
    ...(lookup === undefined ? [] : [`through a lookup table of ${lookup.length} points`]),
    ...(polynomial === undefined ? [] : [`through a polynomial of degree ${polynomial.length - 1}`]),
    ...(decimals === undefined ? [] : [`rounded to ${decimals} decimals`]),
  ].join(', ');
}

/** Every other type and order at the same place that gives a number, the likeliest first. */
function findAlternatives(own: FactorDefinition, read: ReadData, range: PlausibleRange): Alternative[] {
  const seen = new Set<string>();
  return candidates(own)
    .flatMap((candidate) => {
      const compiled = compileFactor(candidate);
      const at = placeIn(compiled, read);
      if (at === undefined) return [];
      const result = compiled.codec.decodeAt(viewOf(read), at);
      const { data_type, data_endian } = candidate;
      const distance = distanceOf(candidate, own);
      // On one register two of the four orders are the same.
      const key = `${data_type} ${result.ok && result.value}`;
      if (!result.ok || seen.has(key)) return [];
      seen.add(key);
      if (distance === 0) return [];
      const { value } = result;
      return [{ data_type, data_endian, value, plausible: isPlausible(value, range), distance }];
    })
    .sort((a, b) => Number(b.plausible) - Number(a.plausible) || a.distance - b.distance)
    .slice(0, MAX_ALTERNATIVES)
    .map(({ distance: _, ...alternative }) => alternative);
}

/** How far another reading is from the factor's: byte orders are mistaken most often, then signs and types of the same width. */
function distanceOf(other: FactorDefinition, own: FactorDefinition): number {
  const order = other.data_endian === own.data_endian ? 0 : 1;
  if (other.data_type === own.data_type) return order;
  return order + (factorWidth(other) === factorWidth(own) ? 2 : 4);
}

const LABEL = agriId('alternative');

/** The factor itself and then as every other number in every order, with nothing refused for its size. */
function candidates(own: FactorDefinition): Factor[] {
  const unlimited = { ...own, agri_id: LABEL, min: undefined, max: undefined, out_of_range: undefined };
  const types = (Object.keys(DATA_TYPES) as DataType[]).filter(
    (type) => !isText(type) && type !== 'bit' && type !== 'bool',
  );
  const orders = Object.keys(ORDERS) as DataEndian[];
  const others = types.flatMap((data_type) =>
    orders.map((data_endian) => ({
      ...unlimited,
      data_type,
      data_endian,
      bit: undefined,
      length: undefined,
    })),
  );
  return [unlimited, ...others];
}

function isPlausible(value: number, { min, max }: PlausibleRange): boolean {
  const size = Math.abs(value);
  const isKnown = min !== undefined || max !== undefined;
  const largest = Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0));
  const smallest = isKnown ? Math.min(USUAL.smallest, largest / USUAL.largest) : USUAL.smallest;
  if (size !== 0 && size < smallest) return false;
  return isKnown ? value >= (min ?? value) && value <= (max ?? value) : size <= USUAL.largest;
}
