import { type Decimal, decimalOf, decimalToNumber, formatDecimal } from './decimal.ts';
import { type Decoded, decoded, failed } from './decoded.ts';
import { powerOfTen } from './powers-of-ten.ts';
import type { RawCodec, RawCodecOptions } from './raw-codec.ts';
import { decimalsOfFloat32, NO_DECIMALS, shortestFloat32 } from './shortest-float32.ts';

/**
 * Registers that hold a single-precision number, which stands for the shortest decimal that reads back as it. So does a number
 * from a gateway that is exactly a float32 (21.700000762939453 is 21.7); any other is the decimal that it spells.
 */
export function float32Codec({ name, min, max, scaling }: RawCodecOptions): RawCodec {
  const refuse = (raw: string): Decoded =>
    failed('decode_failed', `${raw} is no raw ${name}: that is a number from ${min} to ${max}`);

  const fromFloat32 = (raw: number): Decoded => {
    const decimals = decimalsOfFloat32(raw);
    if (decimals === NO_DECIMALS) return decoded(scaling.ofDecimal(shortestFloat32(raw)));
    return decoded(scaling.ofFixed(Math.round(raw * powerOfTen(decimals)), decimals));
  };
  const fromOther = (single: number, raw: Decimal): Decoded =>
    Number.isFinite(single) || scaling.identity
      ? decoded(scaling.ofDecimal(raw))
      : refuse(formatDecimal(raw));

  return {
    fromRegisters: (raw) =>
      Number.isFinite(raw) ? fromFloat32(raw) : failed('not_finite', `the registers hold ${raw}`),
    fromNumber(raw) {
      const single = Math.fround(raw);
      return single === raw ? fromFloat32(raw) : fromOther(single, decimalOf(raw));
    },
    fromDecimal(raw) {
      const near = decimalToNumber(raw);
      const single = Math.fround(near);
      return single === near && Number.isFinite(single) ? fromFloat32(single) : fromOther(single, raw);
    },
    fromBoolean: (raw) => refuse(String(raw)),
  };
}
