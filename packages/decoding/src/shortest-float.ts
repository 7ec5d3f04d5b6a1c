/// <reference lib="esnext.float16" />
import { type Decimal, decimalOf } from './decimal.ts';
import { powerOfTen } from './powers-of-ten.ts';

/** The answer of {@link FloatFormat.decimalsOf} for a number that it leaves to {@link FloatFormat.shortest}. */
export const NO_DECIMALS = -1;

/** A binary floating-point format, as far as its shortest decimals go. */
export interface FloatFormat {
  /** The number of the format that is nearest to `x`; ±Infinity beyond its largest. */
  round(x: number): number;
  /**
   * How many decimals the shortest decimal has that reads back as `x` (1 for the float32 21.700000762939453, which is 21.7): it
   * is `Math.round(x × 10^k) / 10^k` for the returned k. {@link NO_DECIMALS} for the few that need the long way.
   */
  decimalsOf(x: number): number;
  /**
   * The shortest decimal that reads back as the finite `x`; of several as short the nearest, of two as near the one with the
   * even last digit. Right for every `x`, and slow.
   */
  shortest(x: number): Decimal;
}

/**
 * Up to so many decimals a number of at most 24 bits times 10^k is exact in a double, and k decimals are not mistaken for a
 * midpoint of the format by being rounded to a double first.
 */
const MAX_DECIMALS = 8;

export const FLOAT32: FloatFormat = {
  round: Math.fround,
  decimalsOf: decimalsOfFloat32,
  shortest: (x) => shortestOf(x, { significandBits: 24, smallestExponent: -149 }),
};

export const FLOAT16: FloatFormat = {
  round: Math.f16round,
  decimalsOf: decimalsOfFloat16,
  shortest: (x) => shortestOf(x, { significandBits: 11, smallestExponent: -24 }),
};

export const FLOAT64: FloatFormat = {
  round: (x) => x,
  decimalsOf: decimalsOfFloat64,
  shortest: decimalOf,
};

/** {@link FloatFormat.decimalsOf} of float32: {@link NO_DECIMALS} from 2^24 on, below about 1e-8, and where several are as near. */
function decimalsOfFloat32(x: number): number {
  // Further up the neighbours are more than 1 apart, so that decimals say nothing.
  if (!(Math.abs(x) < 2 ** 24)) return NO_DECIMALS;
  for (let k = 0; k <= MAX_DECIMALS; k++) {
    const power = powerOfTen(k);
    const exact = x * power;
    const rounded = Math.round(exact);
    if (Math.fround(rounded / power) === x) return isPlain(x, exact, rounded) ? k : NO_DECIMALS;
  }
  return NO_DECIMALS;
}

function decimalsOfFloat16(x: number): number {
  if (!(Math.abs(x) < 2 ** 11)) return NO_DECIMALS;
  for (let k = 0; k <= MAX_DECIMALS; k++) {
    const power = powerOfTen(k);
    const exact = x * power;
    const rounded = Math.round(exact);
    if (Math.f16round(rounded / power) === x) return isPlain(x, exact, rounded) ? k : NO_DECIMALS;
  }
  return NO_DECIMALS;
}

/** Numbers of few decimals and at most 15 digits; each such decimal has a double of its own. */
function decimalsOfFloat64(x: number): number {
  for (let k = 0; k <= MAX_DECIMALS; k++) {
    const power = powerOfTen(k);
    const rounded = Math.round(x * power);
    if (!(Math.abs(rounded) < 1e15)) return NO_DECIMALS;
    if (rounded / power === x) return k;
  }
  return NO_DECIMALS;
}

/**
 * Whether the nearest decimal of that length is sure to be the one wanted: not when it is one of two as near, nor for powers of two,
 * whose neighbour below is nearer than the one above.
 */
function isPlain(x: number, exact: number, rounded: number): boolean {
  return exact === rounded || (Math.abs(exact - rounded) !== 0.5 && !isPowerOfTwo(x));
}

function isPowerOfTwo(x: number): boolean {
  scratch.setFloat64(0, x);
  return (scratch.getUint32(0) & 0xfffff) === 0 && scratch.getUint32(4) === 0;
}

interface FormatWidth {
  /** Significant bits of a normal number. */
  readonly significandBits: number;
  /** The power of two of the smallest number. */
  readonly smallestExponent: number;
}

const FRACTION = (1n << 52n) - 1n;
const scratch = new DataView(new ArrayBuffer(8));

function bitsOf(x: number): bigint {
  scratch.setFloat64(0, x);
  return scratch.getBigUint64(0);
}

function shortestOf(x: number, { significandBits, smallestExponent }: FormatWidth): Decimal {
  if (x === 0) return { digits: 0n, exponent: 0 };
  const bits = bitsOf(Math.abs(x));
  // As a double x is normal: 1.fraction × 2^power. The format's own unit is coarser, or coarser still for subnormals.
  const power = Number(bits >> 52n) - 1023;
  const exponent = Math.max(power - significandBits + 1, smallestExponent);
  const significand = ((bits & FRACTION) | (1n << 52n)) >> BigInt(52 - power + exponent);
  const isHalfBelow = (bits & FRACTION) === 0n && exponent > smallestExponent;
  const { digits, exponent: place } = shortestBetween(significand, exponent, isHalfBelow);
  return { digits: x < 0 ? -digits : digits, exponent: place };
}

/**
 * The shortest decimal between the midpoints to the two neighbours of `significand × 2^exponent`. Midpoints themselves read
 * back as the even significand. `isHalfBelow`: the neighbour below is half as far, as for every power of two.
 */
function shortestBetween(significand: bigint, exponent: number, isHalfBelow: boolean): Decimal {
  // In quarters of the significand's unit all three are whole, and times 5^n they are whole in powers of ten.
  const quarters = exponent - 2;
  const unit = quarters >= 0 ? 2n ** BigInt(quarters) : 5n ** BigInt(-quarters);
  const middle = significand * 4n;
  const exact = middle * unit;
  const open = significand % 2n;
  const lowest = (middle - (isHalfBelow ? 1n : 2n)) * unit + open;
  const highest = (middle + 2n) * unit - open;
  for (let power = highest.toString().length - 1; ; power--) {
    const step = 10n ** BigInt(power);
    const below = exact / step;
    const candidates = [below, below + 1n].filter((n) => n * step >= lowest && n * step <= highest);
    const digits = nearest(candidates, exact, step);
    if (digits !== undefined) return { digits, exponent: Math.min(quarters, 0) + power };
  }
}

/** Of at most two neighbouring multiples of `step` the one nearest to `exact`, the even one when both are as near. */
function nearest(candidates: readonly bigint[], exact: bigint, step: bigint): bigint | undefined {
  const [first, second] = candidates;
  if (first === undefined || second === undefined) return first;
  const difference = exact - first * step - (second * step - exact);
  if (difference === 0n) return first % 2n === 0n ? first : second;
  return difference < 0n ? first : second;
}
