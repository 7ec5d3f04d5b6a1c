import type { Decimal } from './decimal.ts';
import { powerOfTen } from './powers-of-ten.ts';

/** Up to here a float32 times 10^k is exact in a double, and no decimal of k places is mistaken for a neighbour's. */
const MAX_DECIMALS = 8;
/** From here on the neighbours of a float32 are more than 1 apart, so that decimals say nothing. */
const FIRST_COARSE = 2 ** 24;

/** The answer of {@link decimalsOfFloat32} for a number that it leaves to {@link shortestFloat32}. */
export const NO_DECIMALS = -1;

/**
 * How many decimals the shortest decimal has that reads back as the float32 `x` (1 for 21.700000762939453, which is 21.7):
 * it is `Math.round(x × 10^k) / 10^k` for the returned k, 0 to 8. {@link NO_DECIMALS} for the few that need the long way:
 * from 2^24 on, below about 1e-8, and fractions that are a power of two or stand exactly between two decimals.
 */
export function decimalsOfFloat32(x: number): number {
  if (!(Math.abs(x) < FIRST_COARSE)) return NO_DECIMALS;
  for (let k = 0; k <= MAX_DECIMALS; k++) {
    const power = powerOfTen(k);
    const exact = x * power;
    const rounded = Math.round(exact);
    if (Math.fround(rounded / power) === x) {
      return exact === rounded || isPlain(x, exact, rounded) ? k : NO_DECIMALS;
    }
  }
  return NO_DECIMALS;
}

/** Whether the nearest decimal is sure to be the right one of those that read back as `x`. */
function isPlain(x: number, exact: number, rounded: number): boolean {
  return Math.abs(exact - rounded) !== 0.5 && !isPowerOfTwo(x);
}

const scratch = new DataView(new ArrayBuffer(4));

function isPowerOfTwo(x: number): boolean {
  scratch.setFloat32(0, x);
  return (scratch.getUint32(0) & 0x7fffff) === 0;
}

/**
 * The shortest decimal that reads back as the finite float32 `x`; of several as short the nearest, of two as near the one
 * with the even last digit. Exact for every float32, and slow: {@link decimalsOfFloat32} answers for nearly all of them.
 */
export function shortestFloat32(x: number): Decimal {
  if (x === 0) return { digits: 0n, exponent: 0 };
  scratch.setFloat32(0, Math.abs(x));
  const bits = scratch.getUint32(0);
  const biased = bits >>> 23;
  const fraction = bits & 0x7fffff;
  const significand = biased === 0 ? fraction : fraction | 0x800000;
  const shortest = shortestBetween(significand, Math.max(biased, 1) - 150, fraction === 0 && biased > 1);
  return x < 0 ? { digits: -shortest.digits, exponent: shortest.exponent } : shortest;
}

/**
 * The shortest decimal between the midpoints to the two neighbours of `significand × 2^exponent`. Midpoints themselves read
 * back as the even significand. `lowerIsHalf`: the neighbour below is half as far, as for every power of two.
 */
function shortestBetween(significand: number, exponent: number, lowerIsHalf: boolean): Decimal {
  // In quarters of the significand's unit all three are whole, and times 5^n they are whole in powers of ten.
  const quarters = exponent - 2;
  const unit = quarters >= 0 ? 2n ** BigInt(quarters) : 5n ** BigInt(-quarters);
  const base = Math.min(quarters, 0);
  const middle = BigInt(significand) * 4n;
  const exact = middle * unit;
  const open = significand % 2 === 0 ? 0n : 1n;
  const lowest = (middle - (lowerIsHalf ? 1n : 2n)) * unit + open;
  const highest = (middle + 2n) * unit - open;
  for (let power = highest.toString().length - 1; ; power--) {
    const step = 10n ** BigInt(power);
    const below = exact / step;
    const candidates = [below, below + 1n].filter((n) => n * step >= lowest && n * step <= highest);
    const digits = nearest(candidates, exact, step);
    if (digits !== undefined) return { digits, exponent: base + power };
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
