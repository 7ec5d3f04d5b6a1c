/// <reference lib="esnext.float16" />
import type { ByteOrder } from './byte-order.ts';
import type { RegisterReader } from './raw-codec.ts';

/** Where a reader finds its number beside the byte order: which bit, for `bit`. */
export interface ReaderOptions extends ByteOrder {
  readonly bit: number;
}

export type ReaderFactory = (options: ReaderOptions) => RegisterReader;

const scratch = new DataView(new ArrayBuffer(8));

/** Byte offset of the high and the low byte of one register. */
const HIGH = 0;
const LOW = 1;

export const int8 =
  (half: 'high' | 'low'): ReaderFactory =>
  (order) => {
    const offset = byteOffset(half, order);
    return (view, at) => view.getInt8(at + offset);
  };

export const uint8 =
  (half: 'high' | 'low'): ReaderFactory =>
  (order) => {
    const offset = byteOffset(half, order);
    return (view, at) => view.getUint8(at + offset);
  };

/** At which byte of its register a half stands. */
export function byteOffset(half: 'high' | 'low', { bytesSwapped }: ByteOrder): number {
  return (half === 'high') !== bytesSwapped ? HIGH : LOW;
}

export const int16: ReaderFactory = ({ bytesSwapped }) => {
  return (view, at) => view.getInt16(at, bytesSwapped);
};

export const uint16: ReaderFactory = ({ bytesSwapped }) => {
  return (view, at) => view.getUint16(at, bytesSwapped);
};

export const bit: ReaderFactory = ({ bytesSwapped, bit: number }) => {
  return (view, at) => (view.getUint16(at, bytesSwapped) >>> number) & 1;
};

export const float16: ReaderFactory = ({ bytesSwapped }) => {
  return (view, at) => view.getFloat16(at, bytesSwapped);
};

export const int32: ReaderFactory = (order) => wordPair(order, 0, 2);

export const uint32: ReaderFactory = (order) => {
  const signed = int32(order);
  return (view, at) => signed(view, at) >>> 0;
};

/** The low three bytes of two registers. */
export const int24: ReaderFactory = (order) => {
  const signed = int32(order);
  return (view, at) => (signed(view, at) << 8) >> 8;
};

export const uint24: ReaderFactory = (order) => {
  const signed = int32(order);
  return (view, at) => signed(view, at) & 0xffffff;
};

export const float32: ReaderFactory = (order) => {
  const { wordsReversed, bytesSwapped } = order;
  // ABCD and DCBA are the orders that the view reads itself.
  if (wordsReversed === bytesSwapped) return (view, at) => view.getFloat32(at, bytesSwapped);
  const signed = int32(order);
  return (view, at) => {
    scratch.setInt32(0, signed(view, at));
    return scratch.getFloat32(0);
  };
};

/** Halves of this size make a whole number that a double holds exactly. */
const SAFE_HALF = 2 ** 21;

export const int64: ReaderFactory = (order) => {
  const { high, low } = halves(order);
  return (view, at) => {
    const upper = high(view, at);
    if (upper >= SAFE_HALF || upper < -SAFE_HALF) return Number.NaN;
    return upper * 2 ** 32 + (low(view, at) >>> 0);
  };
};

export const uint64: ReaderFactory = (order) => {
  const { high, low } = halves(order);
  return (view, at) => {
    const upper = high(view, at) >>> 0;
    return upper >= SAFE_HALF ? Number.NaN : upper * 2 ** 32 + (low(view, at) >>> 0);
  };
};

export const float64: ReaderFactory = (order) => {
  const { high, low } = halves(order);
  return (view, at) => {
    scratch.setInt32(0, high(view, at));
    scratch.setInt32(4, low(view, at));
    return scratch.getFloat64(0);
  };
};

/** Reads all 64 bits of {@link int64}. */
export function bigInt64(order: ByteOrder): (view: DataView, at: number) => bigint {
  const { high, low } = halves(order);
  return (view, at) => (BigInt(high(view, at)) << 32n) | BigInt(low(view, at) >>> 0);
}

/** Reads all 64 bits of {@link uint64}. */
export function bigUint64(order: ByteOrder): (view: DataView, at: number) => bigint {
  const signed = bigInt64(order);
  return (view, at) => BigInt.asUintN(64, signed(view, at));
}

/** The upper and the lower 32 bits of four registers. */
function halves(order: ByteOrder): { high: RegisterReader; low: RegisterReader } {
  return { high: wordPair(order, 0, 4), low: wordPair(order, 2, 4) };
}

/** 32 bits from the words `first` and `first + 1` of `count`, the most significant word being word 0. */
function wordPair({ wordsReversed, bytesSwapped }: ByteOrder, first: number, count: number): RegisterReader {
  const high = (wordsReversed ? count - 1 - first : first) * 2;
  const low = wordsReversed ? high - 2 : high + 2;
  return (view, at) =>
    (view.getUint16(at + high, bytesSwapped) << 16) | view.getUint16(at + low, bytesSwapped);
}

/** A whole number of `digits` decimal digits of four bits each, the low ones of what `bits` reads; NaN where one is above 9. */
export const bcd =
  (bits: ReaderFactory, digits: number): ReaderFactory =>
  (order) => {
    const read = bits(order);
    return (view, at) => {
      const packed = read(view, at);
      let number = 0;
      for (let place = digits - 1; place >= 0; place--) {
        const digit = (packed >>> (place * 4)) & 0xf;
        if (digit > 9) return Number.NaN;
        number = number * 10 + digit;
      }
      return number;
    };
  };
