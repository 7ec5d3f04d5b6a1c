/** The reference that scaling is held to: whole-number arithmetic only, nothing shared with the code under test. */

/** The double nearest to numerator / denominator (> 0), ties to even; never −0. For results of normal size. */
export function nearestDouble(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  // Scale by 2^shift so that the quotient has 54 or 55 bits: 53 of the double, the rest decides the rounding.
  const shift = 55 - (size.toString(2).length - denominator.toString(2).length);
  const scaled = shift >= 0 ? size << BigInt(shift) : size;
  const divisor = shift >= 0 ? denominator : denominator << BigInt(-shift);
  let quotient = scaled / divisor;
  let sticky = scaled % divisor !== 0n;
  let exponent = -shift;
  while (quotient >= 1n << 53n) {
    const low = quotient & 1n;
    const half = low === 1n && quotient < 1n << 54n;
    if (half) {
      const even = (quotient >> 1n) & 1n;
      quotient = (quotient >> 1n) + (sticky || even === 1n ? 1n : 0n);
      exponent += 1;
      break;
    }
    sticky ||= low === 1n;
    quotient >>= 1n;
    exponent += 1;
  }
  const magnitude = Number(quotient) * 2 ** exponent;
  return negative ? -magnitude : magnitude;
}

/** A decimal of `places` decimals as the double that is written so in JSON. */
export function decimalNumber(digits: number | bigint, places: number): number {
  return Number(`${digits}e-${places}`);
}

/** The double nearest to raw × factor + delta, the last two given as digits and a common number of decimals. */
export function scaledExactly(raw: bigint, factor: bigint, delta: bigint, places: number): number {
  return nearestDouble(raw * factor + delta, 10n ** BigInt(places));
}
