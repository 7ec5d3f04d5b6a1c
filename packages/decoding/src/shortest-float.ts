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
   * is `Math.round(x × 10^k) / 10^k` for the returned k. {@link NO_DECIMALS} for the few that need the long way. `hint` is where the
   * search may begin, 0 to 8, such as the answer for the reading before; it changes nothing but the time.
   */
  decimalsOf(x: number, hint: number): number;
  /**
   * The shortest decimal that reads back as the finite `x`; of several as short the nearest, of two as near the one with the
   * even last digit. Right for every `x`, and slow.
   */
  shortest(x: number): Decimal;
}

export const FLOAT32: FloatFormat = binaryFormat(
  { significandBits: 24, smallestExponent: -149 },
  Math.fround,
);

export const FLOAT16: FloatFormat = binaryFormat(
  { significandBits: 11, smallestExponent: -24 },
  Math.f16round,
);

export const FLOAT64: FloatFormat = {
  round: (x) => x,
  decimalsOf: decimalsOfFloat64,
  shortest: decimalOf,
};

/** A number of at most 24 bits times 10^k is exact in a double up to here. */
const MAX_DECIMALS = 8;

interface FormatWidth {
  /** Significant bits of a normal number. */
  readonly significandBits: number;
  /** The power of two of the smallest number. */
  readonly smallestExponent: number;
}

function binaryFormat(width: FormatWidth, round: (x: number) => number): FloatFormat {
  const halfGaps = halfGapTable(width);
  // From here on neighbours are 2 or more apart, and the shortest decimal may leave out digits before the point.
  const coarse = 2 ** width.significandBits;
  return {
    round,
    shortest: (x) => shortestOf(x, width),
    /*
     * A decimal reads back as x when it is nearer than half the gap to the next number, and all of that is exact in doubles here.
     * Once k decimals are enough, more are too: the search may begin anywhere, and ends after two tries when it begins right.
     */
    decimalsOf(x, hint) {
      if (!(Math.abs(x) < coarse)) return NO_DECIMALS;
      scratch.setFloat64(0, x);
      const high = scratch.getUint32(0);
      const isPowerOfTwo = (high & 0xfffff) === 0 && scratch.getUint32(4) === 0;
      // The gap below a power of two is only half as wide: there, only the number itself counts.
      const halfGap = isPowerOfTwo ? 0 : halfGaps.getFloat64(((high >>> 20) & 0x7ff) * 8, true);
      let k = hint;
      if (readsBack(x, halfGap, k)) {
        while (k > 0 && readsBack(x, halfGap, k - 1)) k -= 1;
      } else {
        do k += 1;
        while (k <= MAX_DECIMALS && !readsBack(x, halfGap, k));
        if (k > MAX_DECIMALS) return NO_DECIMALS;
      }
      return isTie(x, k) ? NO_DECIMALS : k;
    },
  };
}

/** Whether x stands exactly between two decimals of k places. */
function isTie(x: number, k: number): boolean {
  const exact = x * powerOfTen(k);
  return exact - Math.floor(exact) === 0.5;
}

/** Whether the nearest decimal of k places reads back as x; a NaN gap or number says no. */
function readsBack(x: number, halfGap: number, k: number): boolean {
  const power = powerOfTen(k);
  const exact = x * power;
  const distance = Math.abs(exact - Math.round(exact));
  return distance === 0 || distance < halfGap * power;
}

/**
 * Half the distance between neighbours of the format, by the exponent bits of the number as a double; NaN below 2^-14, where
 * decimals are many.
 */
function halfGapTable({ significandBits }: FormatWidth): DataView {
  const table = new DataView(new ArrayBuffer(2048 * 8));
  for (let bits = 0; bits < 2048; bits++) {
    const power = bits - 1023;
    table.setFloat64(bits * 8, power >= -14 ? 2 ** (power - significandBits) : Number.NaN, true);
  }
  return table;
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
