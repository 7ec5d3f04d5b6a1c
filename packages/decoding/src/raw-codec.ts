import type { Conversion, Converted } from './conversion.ts';
import type { Decimal } from './decimal.ts';
import { type Decoded, type DecodeFailure, failed } from './decoded.ts';

/** Reads one raw number at byte (for bit tables: bit) `at`; NaN when it is none that a double holds exactly. */
export type RegisterReader = (view: DataView, at: number) => number;

/** A raw reading in full: the number, exact, or the text. */
export type Raw = { readonly ok: true; readonly raw: number | bigint | string } | DecodeFailure;

/** Turns the registers and the readings of one factor into values. The view holds all of the factor's registers. */
export interface RawCodec {
  /** The value, or NaN when it bears a mark or a label or when only {@link RawCodec.decodeAt} can say what becomes of it. */
  plainAt(view: DataView, at: number): number;
  decodeAt(view: DataView, at: number): Decoded;
  /** The raw number or text, before any conversion. */
  rawAt(view: DataView, at: number): Raw;
  /** A finite raw number that a gateway read from the registers. */
  fromNumber(raw: number): Decoded;
  /** The value that {@link RawCodec.fromNumber} gives, or NaN when there is more to say of it, or it is quicker asked. */
  plainNumber(raw: number): number;
  /** The same as decimal text, which may be finer or larger than a double. */
  fromDecimal(raw: Decimal): Decoded;
  fromBoolean(raw: boolean): Decoded;
}

/** What a codec is made of. */
export interface RawCodecOptions {
  /** For messages. */
  readonly name: string;
  /** The range of the raw number. */
  readonly min: number | bigint;
  readonly max: number | bigint;
  readonly read: RegisterReader;
  /** Reads what `read` gives NaN for; without it those registers hold no number. */
  readonly readExact: ((view: DataView, at: number) => bigint) | undefined;
  readonly conversion: Conversion;
}

/** A value that is plain, or else what the long way says. `label` is the one of a whole raw number. */
export function finish(value: number, label: string | undefined, convert: () => Converted): Decoded {
  if (Number.isNaN(value)) {
    const converted = convert();
    return converted.ok ? success(converted.value, label) : converted;
  }
  return success(value, label);
}

/** A value, with its label when there is one. */
export function success(value: number, label: string | undefined): Decoded & { ok: true } {
  return label === undefined ? { ok: true, value } : { ok: true, value, label };
}

/** An engineering value that came from elsewhere, checked against the factor's decimals and range. */
export function finishValue(value: number, conversion: Conversion): Decoded {
  return finish(conversion.plainValue(value), undefined, () => conversion.check(value));
}

/** The failure of a reading that is no raw number of its type; `rule` says what such a number is. */
export function noRaw(raw: string, name: string, rule: string): DecodeFailure {
  return failed('decode_failed', `${raw} is no raw ${name}: that is ${rule}`);
}
