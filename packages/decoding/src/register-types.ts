import type { DataType } from '@furrow/contracts';
import type { ByteOrder } from './byte-order.ts';
import type { Conversion } from './conversion.ts';
import { floatCodec } from './float-codec.ts';
import { runFloat32 } from './float32-lane.ts';
import { runFloat64 } from './float64-lane.ts';
import { bitCodec, integerCodec } from './integer-codec.ts';
import * as lanes from './integer-lanes.ts';
import type { LaneKind, RunLane } from './lane.ts';
import type { RawCodec, RawCodecOptions, RegisterReader } from './raw-codec.ts';
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
  /** How a block decodes its factors of this type together; undefined for the types that it reads one by one. */
  readonly lane: LaneKind | undefined;
  codec(name: string, options: TypeOptions): RawCodec;
}

const FULL = 0xffff;
const HIGH_BYTE = 0xff00;
const LOW_BYTE = 0x00ff;

/** Every data type of the contracts, one row each. */
export const REGISTER_TYPES: Readonly<Record<DataType, RegisterType>> = {
  int8h: integer([HIGH_BYTE], -0x80, 0x7f, readers.int8('high'), { run: lanes.runInt8, half: 'high' }),
  int8l: integer([LOW_BYTE], -0x80, 0x7f, readers.int8('low'), { run: lanes.runInt8, half: 'low' }),
  uint8h: integer([HIGH_BYTE], 0, 0xff, readers.uint8('high'), { run: lanes.runUint8, half: 'high' }),
  uint8l: integer([LOW_BYTE], 0, 0xff, readers.uint8('low'), { run: lanes.runUint8, half: 'low' }),
  int16: integer([FULL], -0x8000, 0x7fff, readers.int16, { run: lanes.runInt16 }),
  uint16: integer([FULL], 0, 0xffff, readers.uint16, { run: lanes.runUint16 }),
  int24: integer([LOW_BYTE, FULL], -0x800000, 0x7fffff, readers.int24),
  uint24: integer([LOW_BYTE, FULL], 0, 0xffffff, readers.uint24),
  int32: integer([FULL, FULL], -0x80000000, 0x7fffffff, readers.int32, { run: lanes.runInt32 }),
  uint32: integer([FULL, FULL], 0, 0xffffffff, readers.uint32, { run: lanes.runUint32 }),
  int64: integer([FULL, FULL, FULL, FULL], -(2n ** 63n), 2n ** 63n - 1n, readers.int64, {
    exact: readers.bigInt64,
    run: lanes.runInt64,
  }),
  uint64: integer([FULL, FULL, FULL, FULL], 0n, 2n ** 64n - 1n, readers.uint64, {
    exact: readers.bigUint64,
    run: lanes.runUint64,
  }),
  float16: float(1, 65504, readers.float16, FLOAT16),
  float32: float(2, (2 - 2 ** -23) * 2 ** 127, readers.float32, FLOAT32, runFloat32),
  float64: float(4, Number.MAX_VALUE, readers.float64, FLOAT64, runFloat64),
  bit: oneBit(readers.bit, bitWithin),
  bool: oneBit(tableBit, () => 0),
  bcd8: integer([LOW_BYTE], 0, 99, readers.bcd(readers.uint8('low'), 2)),
  bcd16: integer([FULL], 0, 9999, readers.bcd(readers.uint16, 4)),
  bcd24: integer([LOW_BYTE, FULL], 0, 999_999, readers.bcd(readers.uint24, 6)),
  bcd32: integer([FULL, FULL], 0, 99_999_999, readers.bcd(readers.uint32, 8)),
  string: text('both', FULL),
  string_high: text('high', HIGH_BYTE),
  string_low: text('low', LOW_BYTE),
};

/** How some whole numbers are read beside their reader. */
interface MoreReaders {
  readonly exact?: (order: ByteOrder) => RawCodecOptions['readExact'];
  /** Decodes those of a block together. */
  readonly run?: RunLane;
  /** Which half of the register `run` is told of. */
  readonly half?: 'high' | 'low';
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
    lane: integerLane(more, Math.max(-Number(min), Number(max))),
    codec: (name, { order, bit, conversion }) =>
      integerCodec({
        name,
        min,
        max,
        read: reader({ ...order, bit }),
        readExact: more.exact?.(order),
        conversion,
      }),
  };
}

function integerLane({ run, half, exact }: MoreReaders, size: number): LaneKind | undefined {
  if (run === undefined) return undefined;
  return {
    run,
    places: 'bytes',
    // A lane of more bits than a double holds looks at each number itself.
    size: exact === undefined ? size : 1,
    within: (order) => (half === undefined ? 0 : readers.byteOffset(half, order) * 8),
  };
}

function oneBit(reader: readers.ReaderFactory, within: LaneKind['within']): RegisterType {
  const range = { min: 0, max: 1 };
  return {
    ...range,
    registers: 1,
    mask: (bit) => [1 << bit],
    lane: { run: lanes.runBits, places: 'bits', size: 1, within },
    codec: (name, { order, bit, conversion }) =>
      bitCodec({ ...range, name, read: reader({ ...order, bit }), readExact: undefined, conversion }),
  };
}

function float(
  registers: number,
  max: number,
  reader: readers.ReaderFactory,
  format: FloatFormat,
  run?: RunLane,
): RegisterType {
  return {
    registers,
    min: -max,
    max,
    mask: () => Array.from({ length: registers }, () => FULL),
    lane: run && { run, places: 'bytes', size: 1, within: () => 0 },
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
    lane: undefined,
    codec: (name, { order, length, conversion }) =>
      textCodec(name, textReader(which, length, order), conversion),
  };
}

/** The bit number `at` of the data of coils or discrete inputs. */
function tableBit(): RegisterReader {
  return (view, at) => (view.getUint8(at >>> 3) >>> (at & 7)) & 1;
}

/** Where a bit of a register stands among the bits of its two bytes, each of which counts from its lowest bit. */
function bitWithin(order: ByteOrder, bit: number): number {
  return readers.byteOffset(bit < 8 ? 'low' : 'high', order) * 8 + (bit & 7);
}
