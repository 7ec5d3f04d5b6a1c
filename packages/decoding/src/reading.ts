import { type Reading, shorten } from '@furrow/contracts';
import type { Conversion } from './conversion.ts';
import { decimalToNumber, parseDecimal } from './decimal.ts';
import { type Decoded, failed } from './decoded.ts';
import { finishValue, type RawCodec } from './raw-codec.ts';

const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

/** A raw reading, as a gateway read it from the registers, to a value. */
export function decodeRawReading(reading: Reading, codec: RawCodec): Decoded {
  switch (typeof reading) {
    case 'number':
      return Number.isFinite(reading) ? codec.fromNumber(reading) : notFinite(reading);
    case 'string': {
      const decimal = parseDecimal(reading);
      return decimal ? codec.fromDecimal(decimal) : noDecimal(reading);
    }
    case 'boolean':
      return codec.fromBoolean(reading);
    default:
      return noNumber(reading);
  }
}

/**
 * A reading that is an engineering value already: the finite number, text being the nearest double, held to the factor's decimals
 * and range. `isBit`: true and false are 1 and 0.
 */
export function decodeScaledReading(reading: Reading, conversion: Conversion, isBit: boolean): Decoded {
  switch (typeof reading) {
    case 'number':
      return Number.isFinite(reading) ? finishValue(reading, conversion) : notFinite(reading);
    case 'string': {
      const decimal = parseDecimal(reading);
      if (!decimal) return noDecimal(reading);
      const value = decimalToNumber(decimal);
      return Number.isFinite(value) ? finishValue(value, conversion) : notFinite(reading);
    }
    case 'boolean':
      return isBit
        ? finishValue(Number(reading), conversion)
        : failed('decode_failed', `${reading} is no value of a register`);
    default:
      return noNumber(reading);
  }
}

function notFinite(reading: number | string): Decoded {
  return failed('not_finite', `the reading is ${reading}`);
}

function noDecimal(text: string): Decoded {
  return NOT_FINITE.test(text) ? notFinite(text) : failed('decode_failed', `${shorten(text)} is no number`);
}

/** Null, and whatever a caller without types may hand in. */
function noNumber(reading: unknown): Decoded {
  if (reading === null || reading === undefined) return failed('no_reading', 'the reading is null');
  return failed('decode_failed', `${shorten(reading)} is no reading`);
}
