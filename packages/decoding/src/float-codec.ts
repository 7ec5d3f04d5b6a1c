import type { RangedLine } from './conversion.ts';
import { type Decimal, decimalOf, decimalToNumber, formatDecimal } from './decimal.ts';
import { type Decoded, failed } from './decoded.ts';
import { powerOfTen } from './powers-of-ten.ts';
import { finish, noRaw, type RawCodec, type RawCodecOptions } from './raw-codec.ts';
import { type FloatFormat, NO_DECIMALS } from './shortest-float.ts';

/**
 * Registers that hold a binary fraction, which stands for the shortest decimal that reads back as it in its own width. So does a
 * number from a gateway that is exactly of that width (for float32, 21.700000762939453 is 21.7); any other is the decimal that
 * it spells.
 */
export function floatCodec(options: RawCodecOptions, format: FloatFormat): RawCodec {
  const { name, min, max, read, conversion } = options;
  const { hasLabels } = conversion;
  const refuse = (raw: string): Decoded => noRaw(raw, name, `a number from ${min} to ${max}`);

  const line = conversion.lineFor(1);
  // A sensor's readings have about as many decimals one as the other.
  let usual = 0;
  const plain = (raw: number): number => {
    const decimals = format.decimalsOf(raw, usual);
    if (decimals === NO_DECIMALS) return Number.NaN;
    usual = decimals;
    const power = powerOfTen(decimals);
    const digits = Math.round(raw * power);
    return line ? onLine(digits, power, line) : conversion.plain(digits, decimals);
  };
  const fromFloat = (raw: number): Decoded => {
    const value = hasLabels ? Number.NaN : plain(raw);
    if (!Number.isNaN(value)) return { ok: true, value };
    const label = hasLabels ? conversion.labelOf(raw) : undefined;
    return finish(value, label, () => conversion.convert(format.shortest(raw)));
  };
  const fromOther = (near: number, raw: Decimal): Decoded =>
    Number.isFinite(format.round(near)) || conversion.identity
      ? finish(Number.NaN, undefined, () => conversion.convert(raw))
      : refuse(formatDecimal(raw));
  const notFinite = (raw: number) => failed('not_finite', `the registers hold ${raw}`);

  return {
    plainAt: (view, at) => (hasLabels ? Number.NaN : plain(read(view, at))),
    decodeAt(view, at) {
      const raw = read(view, at);
      return Number.isFinite(raw) ? fromFloat(raw) : notFinite(raw);
    },
    rawAt(view, at) {
      const raw = read(view, at);
      return Number.isFinite(raw) ? { ok: true, raw: decimalToNumber(format.shortest(raw)) } : notFinite(raw);
    },
    plainNumber: () => Number.NaN,
    fromNumber: (raw) => (format.round(raw) === raw ? fromFloat(raw) : fromOther(raw, decimalOf(raw))),
    fromDecimal(raw) {
      const near = decimalToNumber(raw);
      return Number.isFinite(near) && format.round(near) === near ? fromFloat(near) : fromOther(near, raw);
    },
    fromBoolean: (raw) => refuse(String(raw)),
  };
}

/** Whole numbers below are doubles exactly, and so are powers of ten up to the other. */
const EXACT = 2 ** 53;
const EXACT_POWER = 1e22;

/** The value of `digits / power` on a line; NaN when it is out of range or not sure to be exact. */
function onLine(digits: number, power: number, line: RangedLine): number {
  const product = digits * line.multiplier;
  const numerator = product + line.offset * power;
  const denominator = line.divisor * power;
  if (!(Math.abs(product) < EXACT && Math.abs(numerator) < EXACT && denominator <= EXACT_POWER))
    return Number.NaN;
  const value = numerator / denominator;
  return value >= line.lowest && value <= line.highest ? value : Number.NaN;
}
