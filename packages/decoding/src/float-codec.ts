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
  const refuse = (raw: string): Decoded => noRaw(raw, name, `a number from ${min} to ${max}`);

  const plain = (raw: number): number => {
    const decimals = format.decimalsOf(raw);
    if (decimals === NO_DECIMALS) return Number.NaN;
    return conversion.plain(Math.round(raw * powerOfTen(decimals)), decimals);
  };
  const fromFloat = (raw: number): Decoded =>
    finish(plain(raw), conversion.hasLabels ? conversion.labelOf(raw) : undefined, () =>
      conversion.convert(format.shortest(raw)),
    );
  const fromOther = (near: number, raw: Decimal): Decoded =>
    Number.isFinite(format.round(near)) || conversion.identity
      ? finish(Number.NaN, undefined, () => conversion.convert(raw))
      : refuse(formatDecimal(raw));
  const notFinite = (raw: number) => failed('not_finite', `the registers hold ${raw}`);

  return {
    plainAt: (view, at) => (conversion.hasLabels ? Number.NaN : plain(read(view, at))),
    decodeAt(view, at) {
      const raw = read(view, at);
      return Number.isFinite(raw) ? fromFloat(raw) : notFinite(raw);
    },
    rawAt(view, at) {
      const raw = read(view, at);
      return Number.isFinite(raw) ? { ok: true, raw: decimalToNumber(format.shortest(raw)) } : notFinite(raw);
    },
    fromNumber: (raw) => (format.round(raw) === raw ? fromFloat(raw) : fromOther(raw, decimalOf(raw))),
    fromDecimal(raw) {
      const near = decimalToNumber(raw);
      return Number.isFinite(near) && format.round(near) === near ? fromFloat(near) : fromOther(near, raw);
    },
    fromBoolean: (raw) => refuse(String(raw)),
  };
}
