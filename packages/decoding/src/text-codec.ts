import { shorten } from '@furrow/contracts';
import type { Conversion } from './conversion.ts';
import { type Decimal, decimalOf, parseDecimal } from './decimal.ts';
import { type Decoded, failed } from './decoded.ts';
import { finish, noRaw, type RawCodec } from './raw-codec.ts';

/** Reads the text of so many registers from byte `at`. */
export type TextReader = (view: DataView, at: number) => string;

/**
 * Registers that hold characters. A point is a number, so text is a reading where it spells one (`" 21.5 "`), and is scaled like
 * any other; other text is `decode_failed`, and can only be shown.
 */
export function textCodec(name: string, read: TextReader, conversion: Conversion): RawCodec {
  const convert = (raw: Decimal): Decoded => finish(Number.NaN, undefined, () => conversion.convert(raw));
  return {
    plainAt: () => Number.NaN,
    decodeAt(view, at) {
      const text = read(view, at);
      const decimal = parseDecimal(text.trim());
      return decimal ? convert(decimal) : failed('decode_failed', `the text ${shorten(text)} is no number`);
    },
    rawAt: (view, at) => ({ ok: true, raw: read(view, at) }),
    plainNumber: () => Number.NaN,
    fromNumber: (raw) => convert(decimalOf(raw)),
    fromDecimal: convert,
    fromBoolean: (raw) => noRaw(String(raw), name, 'a number, or text that spells one'),
  };
}
