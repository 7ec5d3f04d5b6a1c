import type { Decimal } from './decimal.ts';

/** An exact fraction; the denominator is positive, and common divisors may stand in both. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export function rationalOf({ digits, exponent }: Decimal): Rational {
  return exponent >= 0
    ? { numerator: digits * 10n ** BigInt(exponent), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-exponent) };
}

export function add(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

export function multiply(a: Rational, b: Rational): Rational {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

export function subtract(a: Rational, b: Rational): Rational {
  return add(a, { numerator: -b.numerator, denominator: b.denominator });
}

/** `a / b` for a positive `b`. */
export function divide(a: Rational, b: Rational): Rational {
  return { numerator: a.numerator * b.denominator, denominator: a.denominator * b.numerator };
}

/** True when a < b. */
export function isBelow(a: Rational, b: Rational): boolean {
  return a.numerator * b.denominator < b.numerator * a.denominator;
}

/** Rounded to so many decimals, halves away from zero. */
export function roundToDecimal({ numerator, denominator }: Rational, decimals: number): Decimal {
  const scaled = numerator * 10n ** BigInt(decimals);
  const half = scaled < 0n ? -denominator : denominator;
  return { digits: (scaled * 2n + half) / (denominator * 2n), exponent: -decimals };
}

/** A double has 53 significant bits, and no bit smaller than 2^-1074. */
const SIGNIFICANT_BITS = 53;
const SMALLEST_BIT = 1074;

/** The double nearest to the fraction, ties to even; ±Infinity beyond the largest double, and never −0. */
export function rationalToNumber({ numerator, denominator }: Rational): number {
  if (numerator < 0n) return 0 - rationalToNumber({ numerator: -numerator, denominator });
  const lead = bitLength(numerator) - bitLength(denominator);
  let shift = Math.min(SIGNIFICANT_BITS - lead, SMALLEST_BIT);
  // The quotient comes out with one bit too many for about half of all fractions.
  if (quotientAt(shift) >= 2n ** BigInt(SIGNIFICANT_BITS)) shift -= 1;
  const quotient = quotientAt(shift);
  const twiceRest = (scaledAt(shift) - quotient * divisorAt(shift)) * 2n;
  const isUp = twiceRest > divisorAt(shift) || (twiceRest === divisorAt(shift) && quotient % 2n === 1n);
  return scaleByPower(Number(isUp ? quotient + 1n : quotient), -shift);

  function quotientAt(bits: number): bigint {
    return scaledAt(bits) / divisorAt(bits);
  }
  function scaledAt(bits: number): bigint {
    return bits > 0 ? numerator << BigInt(bits) : numerator;
  }
  function divisorAt(bits: number): bigint {
    return bits < 0 ? denominator << BigInt(-bits) : denominator;
  }
}

/** `x × 2^power`, in two steps because 2^power alone may lie beyond the doubles when the product does not. */
function scaleByPower(x: number, power: number): number {
  const half = Math.trunc(power / 2);
  return x * 2 ** half * 2 ** (power - half);
}

function bitLength(x: bigint): number {
  return x.toString(2).length;
}
