import type { FactorOptions } from '@furrow/contracts';
import { type Decimal, decimalOf, decimalToNumber, multiplyAdd } from './decimal.ts';
import { MAX_EXACT_POWER, powerOfTen } from './powers-of-ten.ts';

/**
 * value = raw × factor + delta, or (raw + delta) × factor, in decimals: factor and delta stand for the shortest decimals that
 * read as them (0.1 is one tenth), and every result is the double nearest to the exact one. Results may be ±Infinity, and
 * are never −0.
 */
export interface Scaling {
  /** True for factor 1 and delta 0: raw and value are the same number. */
  readonly identity: boolean;
  /** Of the raw decimal `digits × 10^-decimals`; `digits` a whole number of at most 2^53 in size, `decimals` 0 to 22. */
  ofFixed(digits: number, decimals: number): number;
  /** Of any raw decimal. */
  ofDecimal(raw: Decimal): number;
  /** Of any raw decimal, before it is rounded to a double. */
  exact(raw: Decimal): Decimal;
  /** The same as one line, which is exact for whole raw numbers up to `size`; undefined when it is not. */
  lineFor(size: number): Line | undefined;
}

/** `(raw × multiplier + offset) / divisor`: for whole raw numbers of a known size one rounding, and right. */
export interface Line {
  readonly multiplier: number;
  readonly offset: number;
  readonly divisor: number;
}

/** Whole numbers below are doubles exactly, and so are sums and products that stay below. */
const EXACT = 2 ** 53;
const NONE: Decimal = { digits: 0n, exponent: 0 };

/** Compiles the linear scaling of a factor. Both numbers are finite. */
export function compileScaling(
  factor: number,
  delta: number,
  order: FactorOptions['order'] = 'factor_first',
): Scaling {
  const exactFactor = decimalOf(factor);
  const givenDelta = decimalOf(delta);
  const exactDelta = order === 'delta_first' ? multiplyAdd(givenDelta, exactFactor, NONE) : givenDelta;
  const exact = (raw: Decimal): Decimal => multiplyAdd(raw, exactFactor, exactDelta);
  const ofDecimal = (raw: Decimal): number => decimalToNumber(exact(raw));

  // raw × factor + delta = (raw × multiplier + offset) / 10^places, all whole.
  const places = Math.max(0, -exactFactor.exponent, -exactDelta.exponent);
  const multiplier = wholeAt(exactFactor, places);
  const offset = wholeAt(exactDelta, places);

  const ofFixed = (digits: number, decimals: number): number => {
    const product = digits * multiplier;
    const numerator = product + offset * powerOfTen(decimals);
    const power = places + decimals;
    // One division of two exact doubles is rounded once, and right. (NaN fails both comparisons.)
    if (Math.abs(product) < EXACT && Math.abs(numerator) < EXACT && power <= MAX_EXACT_POWER) {
      return numerator / powerOfTen(power);
    }
    return ofDecimal({ digits: BigInt(digits), exponent: -decimals });
  };
  const lineFor = (size: number): Line | undefined => {
    const isExact = size * Math.abs(multiplier) + Math.abs(offset) < EXACT && places <= MAX_EXACT_POWER;
    return isExact ? { multiplier, offset, divisor: powerOfTen(places) } : undefined;
  };
  return { identity: factor === 1 && delta === 0, ofFixed, ofDecimal, exact, lineFor };
}

/** The decimal times 10^places when that is a whole number below 2^53, else NaN. */
function wholeAt(decimal: Decimal, places: number): number {
  const whole = decimalToNumber({ digits: decimal.digits, exponent: decimal.exponent + places });
  return Math.abs(whole) < EXACT ? whole : Number.NaN;
}
