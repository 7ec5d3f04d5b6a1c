import type { Decimal } from './decimal.ts';
import type { Decoded } from './decoded.ts';
import type { Scaling } from './scaling.ts';

/** Turns the raw numbers of one factor into values. */
export interface RawCodec {
  /** A number as its register reader gives it. */
  fromRegisters(raw: number): Decoded;
  /** A finite number that a gateway read from the registers. */
  fromNumber(raw: number): Decoded;
  /** The same as decimal text, which may be finer or larger than a double. */
  fromDecimal(raw: Decimal): Decoded;
  fromBoolean(raw: boolean): Decoded;
}

/** What a codec is made for: `name` is for messages, `min` and `max` are the range of the raw number. */
export interface RawCodecOptions {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly scaling: Scaling;
}
