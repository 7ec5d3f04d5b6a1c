import type { DataType } from '@furrow/contracts';
import type { ByteOrder } from './byte-order.ts';
import type { Conversion } from './conversion.ts';
import { floatCodec } from './float-codec.ts';
import { bitCodec, integerCodec } from './integer-codec.ts';
import type { LineReader, RawCodec, RawCodecOptions, RegisterReader } from './raw-codec.ts';
import * as readers from './register-readers.ts';
import { FLOAT16, FLOAT32, FLOAT64, type FloatFormat } from './shortest-float.ts';
import { textCodec } from './text-codec.ts';
import { type TextBytes, textReader } from './text-readers.ts';

/** What a type is told about one factor. */
export interface TypeOptions {
  readonly order: ByteOrder;
  /** For `bit`: which one. */
  readonly bit: number;
  /** For text: its length in registers. */
  readonly length: number;
  readonly conversion: Conversion;
}

/** One way to read registers. */
export interface RegisterType {
  /** Width in registers; text says its own. */
  readonly registers: number | 'length';
  /** The smallest and the largest raw number; undefined for text. */
  readonly min: number | bigint | undefined;
  readonly max: number | bigint | undefined;
  /** The bits that it takes of each register, most significant register first, before any byte order. */
  mask(bit: number, length: number): readonly number[];
  codec(name: string, options: TypeOptions): RawCodec;
}

const FULL = 0xffff;
const HIGH_BYTE = 0xff00;
const LOW_BYTE = 0x00ff;

/** Every data type of the contracts, one row each. */
export const REGISTER_TYPES: Readonly<Record<DataType, RegisterType>> = {
  int8h: integer([HIGH_BYTE], -0x80, 0x7f, readers.int8('high')),
  int8l: integer([LOW_BYTE], -0x80, 0x7f, readers.int8('low')),
  uint8h: integer([HIGH_BYTE], 0, 0xff, readers.uint8('high')),
  uint8l: integer([LOW_BYTE], 0, 0xff, readers.uint8('low')),
  int16: integer([FULL], -0x8000, 0x7fff, readers.int16, { line: readers.int16Line }),
  uint16: integer([FULL], 0, 0xffff, readers.uint16, { line: readers.uint16Line }),
  int24: integer([LOW_BYTE, FULL], -0x800000, 0x7fffff, readers.int24),
  uint24: integer([LOW_BYTE, FULL], 0, 0xffffff, readers.uint24),
  int32: integer([FULL, FULL], -0x80000000, 0x7fffffff, readers.int32, { line: readers.int32Line }),
  uint32: integer([FULL, FULL], 0, 0xffffffff, readers.uint32, { line: readers.uint32Line }),
  int64: integer([FULL, FULL, FULL, FULL], -(2n ** 63n), 2n ** 63n - 1n, readers.int64, {
    exact: readers.bigInt64,
  }),
  uint64: integer([FULL, FULL, FULL, FULL], 0n, 2n ** 64n - 1n, readers.uint64, { exact: readers.bigUint64 }),
  float16: float(1, 65504, readers.float16, FLOAT16),
  float32: float(2, (2 - 2 ** -23) * 2 ** 127, readers.float32, FLOAT32),
  float64: float(4, Number.MAX_VALUE, readers.float64, FLOAT64),
  bit: oneBit(readers.bit),
  bool: oneBit(tableBit),
  bcd8: integer([LOW_BYTE], 0, 99, readers.bcd(readers.uint8('low'), 2)),
  bcd16: integer([FULL], 0, 9999, readers.bcd(readers.uint16, 4)),
  bcd24: integer([LOW_BYTE, FULL], 0, 999_999, readers.bcd(readers.uint24, 6)),
  bcd32: integer([FULL, FULL], 0, 99_999_999, readers.bcd(readers.uint32, 8)),
  string: text('both', FULL),
  string_high: text('high', HIGH_BYTE),
  string_low: text('low', LOW_BYTE),
};

/** What some whole numbers are read by beside their reader. */
interface MoreReaders {
  readonly exact?: (order: ByteOrder) => RawCodecOptions['readExact'];
  readonly line?: (order: ByteOrder) => LineReader;
}

function integer(
  mask: readonly number[],
  min: number | bigint,
  max: number | bigint,
  reader: readers.ReaderFactory,
  more: MoreReaders = {},
): RegisterType {
  return {
    registers: mask.length,
    min,
    max,
    mask: () => mask,
    codec: (name, { order, bit, conversion }) =>
      integerCodec({
        name,
        min,
        max,
        read: reader({ ...order, bit }),
        readExact: more.exact?.(order),
        readLine: more.line?.(order),
        conversion,
      }),
  };
}

function oneBit(reader: readers.ReaderFactory): RegisterType {
  const range = { min: 0, max: 1 };
  return {
    ...range,
    registers: 1,
    mask: (bit) => [1 << bit],
    codec: (name, { order, bit, conversion }) =>
      bitCodec({ ...range, name, read: reader({ ...order, bit }), readExact: undefined, conversion }),
  };
}

function float(
  registers: number,
  max: number,
  reader: readers.ReaderFactory,
  format: FloatFormat,
): RegisterType {
  return {
    registers,
    min: -max,
    max,
    mask: () => Array.from({ length: registers }, () => FULL),
    codec: (name, { order, bit, conversion }) =>
      floatCodec(
        { name, min: -max, max, read: reader({ ...order, bit }), readExact: undefined, conversion },
        format,
      ),
  };
}

function text(which: TextBytes, mask: number): RegisterType {
  return {
    registers: 'length',
    min: undefined,
    max: undefined,
    mask: (_, length) => Array.from({ length }, () => mask),
    codec: (name, { order, length, conversion }) =>
      textCodec(name, textReader(which, length, order), conversion),
  };
}

/** The bit number `at` of the data of coils or discrete inputs. */
function tableBit(): RegisterReader {
  return (view, at) => (view.getUint8(at >>> 3) >>> (at & 7)) & 1;
}
