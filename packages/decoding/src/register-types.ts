import type { DataType } from '@furrow/contracts';
import { bitCodec } from './bit-codec.ts';
import type { ByteOrder } from './byte-order.ts';
import { float32Codec } from './float32-codec.ts';
import { integerCodec } from './integer-codec.ts';
import type { RawCodec, RawCodecOptions } from './raw-codec.ts';

/** Reads one raw number whose first register begins at byte `at`. The view holds all of its registers. */
export type RegisterReader = (view: DataView, at: number) => number;

/** One way to read registers. */
export interface RegisterType {
  /** Width in registers. */
  readonly registers: number;
  /** The smallest and largest raw number. */
  readonly min: number;
  readonly max: number;
  readonly reader: (order: ByteOrder) => RegisterReader;
  readonly codec: (options: RawCodecOptions) => RawCodec;
}

const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;

/** Every data type of the contracts: its width, its range and its reader. */
export const REGISTER_TYPES: Readonly<Record<DataType, RegisterType>> = {
  int16: { registers: 1, min: -0x8000, max: 0x7fff, reader: int16, codec: integerCodec },
  uint16: { registers: 1, min: 0, max: 0xffff, reader: uint16, codec: integerCodec },
  int32: { registers: 2, min: -0x80000000, max: 0x7fffffff, reader: int32, codec: integerCodec },
  uint32: { registers: 2, min: 0, max: 0xffffffff, reader: uint32, codec: integerCodec },
  float32: { registers: 2, min: -FLOAT32_MAX, max: FLOAT32_MAX, reader: float32, codec: float32Codec },
  bool: { registers: 1, min: 0, max: 1, reader: uint16, codec: bitCodec },
};

function int16({ bytesSwapped }: ByteOrder): RegisterReader {
  return (view, at) => view.getInt16(at, bytesSwapped);
}

function uint16({ bytesSwapped }: ByteOrder): RegisterReader {
  return (view, at) => view.getUint16(at, bytesSwapped);
}

function int32({ wordsReversed, bytesSwapped }: ByteOrder): RegisterReader {
  const high = wordsReversed ? 2 : 0;
  const low = 2 - high;
  return (view, at) =>
    (view.getUint16(at + high, bytesSwapped) << 16) | view.getUint16(at + low, bytesSwapped);
}

function uint32(order: ByteOrder): RegisterReader {
  const signed = int32(order);
  return (view, at) => signed(view, at) >>> 0;
}

const scratch = new DataView(new ArrayBuffer(4));

function float32(order: ByteOrder): RegisterReader {
  const bits = int32(order);
  return (view, at) => {
    scratch.setInt32(0, bits(view, at));
    return scratch.getFloat32(0);
  };
}
