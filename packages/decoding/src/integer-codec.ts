import { decimalToNumber, formatDecimal, toInteger } from './decimal.ts';
import { type Decoded, decoded, failed } from './decoded.ts';
import type { RawCodec, RawCodecOptions } from './raw-codec.ts';

/** What a fraction among raw readings usually means. */
const SCALED_HINT = '; if the gateway scales its readings, set "scaled" on the device';

/**
 * Registers that hold a whole number of at most 32 bits. Without scaling, raw and value are the same number, and a gateway may
 * send any finite one.
 */
export function integerCodec({ name, min, max, scaling }: RawCodecOptions): RawCodec {
  const refuse = (raw: string, hint = ''): Decoded =>
    failed('decode_failed', `${raw} is no raw ${name}: that is a whole number from ${min} to ${max}${hint}`);
  return {
    fromRegisters: (raw) => decoded(scaling.ofFixed(raw, 0)),
    fromNumber(raw) {
      if (scaling.identity) return decoded(raw + 0);
      if (!Number.isInteger(raw)) return refuse(String(raw), SCALED_HINT);
      return raw >= min && raw <= max ? decoded(scaling.ofFixed(raw, 0)) : refuse(String(raw));
    },
    fromDecimal(raw) {
      if (scaling.identity) return decoded(decimalToNumber(raw));
      const whole = toInteger(raw);
      if (whole === undefined) return refuse(formatDecimal(raw), SCALED_HINT);
      if (whole < min || whole > max) return refuse(formatDecimal(raw));
      return decoded(scaling.ofFixed(Number(whole), 0));
    },
    fromBoolean: (raw) => refuse(String(raw)),
  };
}
