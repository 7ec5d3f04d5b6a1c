import type { Converted } from './conversion.ts';
import { decimalOf, formatDecimal, toInteger } from './decimal.ts';
import { type Decoded, failed } from './decoded.ts';
import { rationalOf } from './rational.ts';
import {
  finish,
  noRaw,
  type RawCodec,
  type RawCodecOptions,
  type RegisterReader,
  success,
} from './raw-codec.ts';

/** What a fraction among raw readings usually means. */
const SCALED_HINT = '; if the gateway scales its readings, set "scaled" on the device';

/**
 * Registers that hold a whole number, of 64 bits at most. Without scaling, raw and value are the same number, and a gateway may
 * send any finite one.
 */
export function integerCodec(options: RawCodecOptions): RawCodec {
  const { name, min, max, read, readExact, conversion } = options;
  const { identity, hasLabels } = conversion;
  const refuse = (raw: string, hint = ''): Decoded =>
    noRaw(raw, name, `a whole number from ${min} to ${max}${hint}`);
  const unreadable = failed('decode_failed', `the registers hold no ${name}`);

  const fromSafe = (raw: number): Decoded =>
    finish(conversion.plain(raw, 0), hasLabels ? conversion.labelOf(raw) : undefined, () =>
      conversion.convert({ digits: BigInt(raw), exponent: 0 }),
    );
  const fromLarge = (raw: bigint): Decoded => {
    const converted = conversion.convert({ digits: raw, exponent: 0 });
    if (!converted.ok) return converted;
    const decoded = success(converted.value, conversion.labelOf(raw));
    return isExact(converted) ? decoded : { ...decoded, inexact: true };
  };
  const fromWhole = (raw: bigint): Decoded => {
    const near = Number(raw);
    return Number.isSafeInteger(near) ? fromSafe(near) : fromLarge(raw);
  };

  const line = conversion.lineFor(Math.max(-Number(min), Number(max)));
  const plainOf = (raw: number): number => {
    if (hasLabels || Number.isNaN(raw)) return Number.NaN;
    if (line === undefined) return conversion.plain(raw, 0);
    const value = (raw * line.multiplier + line.offset) / line.divisor;
    return value >= line.lowest && value <= line.highest ? value : Number.NaN;
  };
  const plainAt: RegisterReader = (view, at) => plainOf(read(view, at));

  const [lowest, highest] = [Number(min), Number(max)];
  const plainNumber = (raw: number): number =>
    Number.isSafeInteger(raw) && raw >= lowest && raw <= highest ? plainOf(raw) + 0 : Number.NaN;

  return {
    plainAt,
    plainNumber,
    decodeAt(view, at) {
      const value = plainAt(view, at);
      if (!Number.isNaN(value)) return { ok: true, value };
      const raw = read(view, at);
      if (!Number.isNaN(raw)) return fromSafe(raw);
      return readExact === undefined ? unreadable : fromWhole(readExact(view, at));
    },
    rawAt(view, at) {
      const raw = read(view, at);
      if (!Number.isNaN(raw)) return { ok: true, raw };
      return readExact === undefined ? unreadable : { ok: true, raw: readExact(view, at) };
    },
    fromNumber(raw) {
      if (Number.isSafeInteger(raw) && raw >= min && raw <= max) return fromSafe(raw);
      if (Number.isInteger(raw) && raw >= min && raw <= max) return fromLarge(BigInt(raw));
      if (identity) {
        const value = conversion.isSentinel(raw) ? Number.NaN : conversion.plainValue(raw);
        return finish(value, undefined, () => conversion.convert(decimalOf(raw)));
      }
      return refuse(String(raw), Number.isInteger(raw) ? '' : SCALED_HINT);
    },
    fromDecimal(raw) {
      const whole = toInteger(raw);
      if (whole !== undefined && whole >= min && whole <= max) return fromWhole(whole);
      if (identity) return finish(Number.NaN, undefined, () => conversion.convert(raw));
      return refuse(formatDecimal(raw), whole === undefined ? SCALED_HINT : '');
    },
    fromBoolean: (raw) => refuse(String(raw)),
  };
}

/** One bit, which a gateway may also send as a boolean. A number that is neither 0 nor 1 is none, scaled or not. */
export function bitCodec(options: RawCodecOptions): RawCodec {
  const codec = integerCodec({ ...options, conversion: { ...options.conversion, identity: false } });
  return { ...codec, fromBoolean: (raw) => codec.fromNumber(Number(raw)) };
}

/** Whether the stored double says the exact result: it is that number, or the shortest way to write it is. */
function isExact({ value, exact }: Converted & { ok: true }): boolean {
  if (Number.isInteger(value) && BigInt(value) * exact.denominator === exact.numerator) return true;
  const written = rationalOf(decimalOf(value));
  return written.numerator * exact.denominator === exact.numerator * written.denominator;
}
