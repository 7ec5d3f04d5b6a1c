import { formatDecimal, toInteger } from './decimal.ts';
import { type Decoded, decoded, failed } from './decoded.ts';
import type { RawCodec, RawCodecOptions } from './raw-codec.ts';

/** A coil or discrete input: 1 when it is on, 0 when it is off, scaled like any other raw number. */
export function bitCodec({ scaling }: Pick<RawCodecOptions, 'scaling'>): RawCodec {
  const off = decoded(scaling.ofFixed(0, 0));
  const on = decoded(scaling.ofFixed(1, 0));
  const refuse = (raw: string): Decoded =>
    failed('decode_failed', `${raw} is no bit: a coil or discrete input is true, false, 0 or 1`);
  return {
    fromRegisters: (raw) => (raw === 0 ? off : on),
    fromNumber(raw) {
      if (raw === 0) return off;
      return raw === 1 ? on : refuse(String(raw));
    },
    fromDecimal(raw) {
      const whole = toInteger(raw);
      if (whole === 0n) return off;
      return whole === 1n ? on : refuse(formatDecimal(raw));
    },
    fromBoolean: (raw) => (raw ? on : off),
  };
}
