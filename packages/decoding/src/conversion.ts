import type { FactorDefinition } from '@furrow/contracts';
import { compileCurve } from './curve.ts';
import { type Decimal, decimalOf, decimalToNumber, parseDecimal, toInteger } from './decimal.ts';
import { type DecodeFailure, failed } from './decoded.ts';
import { powerOfTen } from './powers-of-ten.ts';
import { type Rational, rationalOf, rationalToNumber, roundToDecimal } from './rational.ts';
import { compileScaling, type Line } from './scaling.ts';

/** A converted raw number: the double to store, and the exact result that it is the nearest to. */
export type Converted =
  | { readonly ok: true; readonly value: number; readonly exact: Rational }
  | DecodeFailure;

/** All that a factor's definition does to a raw number, from sentinels to range. */
export interface Conversion {
  /** True when raw and value are the same number. */
  readonly identity: boolean;
  /**
   * The value of `digits × 10^-decimals` (a whole number up to 2^53, 0 to 22 decimals), or NaN when only {@link Conversion.convert}
   * can say what becomes of it.
   */
  plain(digits: number, decimals: number): number;
  /**
   * All of {@link Conversion.plain} for whole raw numbers up to `size` as one line and a range; undefined when there is more to it.
   */
  lineFor(size: number): RangedLine | undefined;
  /** The whole way, exact at every step. */
  convert(raw: Decimal): Converted;
  /**
   * A finite engineering value that came from elsewhere: what is left of the way are decimals and range. NaN when only
   * {@link Conversion.check} can say what becomes of it.
   */
  plainValue(value: number): number;
  check(value: number): Converted;
  isSentinel(raw: number): boolean;
  readonly hasLabels: boolean;
  /** What a raw whole number stands for. */
  labelOf(raw: number | bigint): string | undefined;
}

/** A line whose values count from `lowest` to `highest`; outside there is more to say. */
export interface RangedLine extends Line {
  readonly lowest: number;
  readonly highest: number;
}

/** The part of a definition that says what a raw number means. */
export type ConversionOptions = Pick<
  FactorDefinition,
  | 'data_factor'
  | 'data_delta'
  | 'order'
  | 'lookup'
  | 'polynomial'
  | 'labels'
  | 'sentinels'
  | 'min'
  | 'max'
  | 'out_of_range'
  | 'decimals'
>;

/** Near halves and beyond this size, {@link quickRound} leaves rounding to exact numbers. */
const NEAR_HALF = 1e-6;
const QUICK_LIMIT = 2 ** 31;

/** Compiles the meaning of a factor's raw numbers from a valid definition. */
export function compileConversion(options: ConversionOptions): Conversion {
  const scaling = compileScaling(options.data_factor, options.data_delta, options.order);
  const curve = compileCurve(options);
  const { decimals } = options;
  const limit = compileRange(options);
  const sentinels = compileSentinels(options.sentinels);
  const labels = compileLabels(options.labels);
  const { lowest, highest } = limit;

  const inRange = (value: number): number => (value >= lowest && value <= highest ? value : Number.NaN);
  const plainValue = (value: number): number =>
    inRange(decimals === undefined ? value + 0 : quickRound(value, decimals));
  const plain = (digits: number, places: number): number =>
    sentinels?.has(digits / powerOfTen(places)) ? Number.NaN : plainValue(scaling.ofFixed(digits, places));
  const finish = (exact: Rational): Converted =>
    limit.apply(decimals === undefined ? exact : rationalOf(roundToDecimal(exact, decimals)));

  return {
    identity: scaling.identity && curve === undefined,
    plain: curve === undefined ? plain : () => Number.NaN,
    lineFor(size) {
      if (curve !== undefined || sentinels !== undefined || labels !== undefined || decimals !== undefined)
        return undefined;
      const line = scaling.lineFor(size);
      return line && { ...line, lowest, highest };
    },
    convert(raw) {
      if (sentinels?.has(codeOf(raw))) return failed('no_reading', `raw ${codeOf(raw)} means "no reading"`);
      const linear = rationalOf(scaling.exact(raw));
      if (curve === undefined) return finish(linear);
      const curved = curve(linear);
      if (curved !== undefined) return finish(curved);
      return failed('out_of_range', `${rationalToNumber(linear)} lies outside the lookup table`);
    },
    plainValue,
    check: (value) => finish(rationalOf(decimalOf(value))),
    isSentinel: (raw) => sentinels?.has(raw) === true,
    hasLabels: labels !== undefined,
    labelOf: (raw) => labels?.get(raw),
  };
}

/** `value` rounded to so many decimals; NaN when it is too near a half, or too large, for a double to tell. */
function quickRound(value: number, decimals: number): number {
  const power = powerOfTen(decimals);
  const size = Math.abs(value) * power;
  if (!(size < QUICK_LIMIT) || Math.abs(size - Math.floor(size) - 0.5) < NEAR_HALF) return Number.NaN;
  const rounded = Math.round(size) / power;
  return value < 0 ? 0 - rounded : rounded;
}

interface Range {
  /** Values in between, both included, stay as they are. */
  readonly lowest: number;
  readonly highest: number;
  apply(exact: Rational): Converted;
}

function compileRange({ min, max, out_of_range }: ConversionOptions): Range {
  const lowest = min ?? -Number.MAX_VALUE;
  const highest = max ?? Number.MAX_VALUE;
  const at = (bound: number): Converted => ({
    ok: true,
    value: bound + 0,
    exact: rationalOf(decimalOf(bound)),
  });
  return {
    lowest,
    highest,
    apply(exact) {
      const value = rationalToNumber(exact);
      if (!Number.isFinite(value)) {
        return failed('not_finite', `the value is ${value}: beyond what a double holds`);
      }
      if (value >= lowest && value <= highest) return { ok: true, value, exact };
      if (out_of_range === 'clamp') return at(value < lowest ? lowest : highest);
      const bound = value < lowest ? `below ${lowest}` : `above ${highest}`;
      return failed('out_of_range', `${value} is ${bound}, the plausible range of the factor`);
    },
  };
}

function compileSentinels(
  sentinels: ConversionOptions['sentinels'],
): ReadonlySet<number | bigint> | undefined {
  if (sentinels === undefined || sentinels.length === 0) return undefined;
  const decimals = sentinels.map((sentinel) => parseDecimal(String(sentinel)));
  return new Set(decimals.filter((decimal) => decimal !== undefined).map(codeOf));
}

function compileLabels(
  labels: ConversionOptions['labels'],
): ReadonlyMap<number | bigint, string> | undefined {
  if (labels === undefined) return undefined;
  return new Map(
    Object.entries(labels).map(([code, label]) => [codeOf({ digits: BigInt(code), exponent: 0 }), label]),
  );
}

/** A raw number as a key: a double where that is exact for whole numbers, a bigint beyond. */
function codeOf(raw: Decimal): number | bigint {
  const whole = toInteger(raw);
  if (whole === undefined) return decimalToNumber(raw);
  const near = Number(whole);
  return Number.isSafeInteger(near) ? near : whole;
}
