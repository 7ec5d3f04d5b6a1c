/** An exact decimal number: `digits × 10^exponent`. */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Longest text that is read as a decimal number, in characters; the uplink schema has the same limit. */
const MAX_LENGTH = 64;
const DECIMAL = /^([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads decimal text such as `-12.50` or `1e3` exactly; undefined for anything else, or for more than 64 characters. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = text.length <= MAX_LENGTH ? DECIMAL.exec(text) : null;
  if (!match) return undefined;
  const [, sign, whole = '', wholeFraction = '', bareFraction = '', exponent = '0'] = match;
  const fraction = wholeFraction + bareFraction;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, exponent: Number(exponent) - fraction.length };
}

/** What a number is not. */
const NO_DECIMAL: Decimal = { digits: 0n, exponent: 0 };

/** The shortest decimal that reads back as `x`: 0.1 is one tenth. NaN and the infinities, which are no decimals, give 0. */
export function decimalOf(x: number): Decimal {
  return parseDecimal(String(x)) ?? NO_DECIMAL;
}

/**
 * The double nearest to the decimal, ties to even; ±Infinity beyond the largest double, and never −0. (The engine's reading of
 * numeric text is correctly rounded for any number of digits; the tests hold it to a rational reference.)
 */
export function decimalToNumber(decimal: Decimal): number {
  return Number(`${decimal.digits}e${decimal.exponent}`) + 0;
}

/** The decimal as text, for messages: `-125e-1`, `7`. */
export function formatDecimal({ digits, exponent }: Decimal): string {
  return exponent === 0 ? String(digits) : `${digits}e${exponent}`;
}

/** `a × b + c`, exact. */
export function multiplyAdd(a: Decimal, b: Decimal, c: Decimal): Decimal {
  const product = { digits: a.digits * b.digits, exponent: a.exponent + b.exponent };
  if (c.digits === 0n) return product;
  const exponent = Math.min(product.exponent, c.exponent);
  return { digits: digitsAt(product, exponent) + digitsAt(c, exponent), exponent };
}

/** The decimal as a whole number, or undefined when it has a fraction. */
export function toInteger(decimal: Decimal): bigint | undefined {
  if (decimal.exponent >= 0) return digitsAt(decimal, 0);
  const unit = 10n ** BigInt(-decimal.exponent);
  return decimal.digits % unit === 0n ? decimal.digits / unit : undefined;
}

/** The digits of a decimal when it is written with a smaller (or its own) exponent. */
function digitsAt(decimal: Decimal, exponent: number): bigint {
  return decimal.digits * 10n ** BigInt(decimal.exponent - exponent);
}
