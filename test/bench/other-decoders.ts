import type { DataEndian, DataType, Factor } from '@furrow/contracts';
import { Parser } from 'binary-parser';
import { responses } from 'jsmodbus';
import { DATA_START, type RegisterRead } from './register-maps.ts';

/** A decoder for the answers to one read. */
export interface OpenedDecoder {
  /** What is timed. */
  run(answer: Buffer): unknown;
  /** The raw numbers that it reads, in the order of the factors. */
  raws(answer: Buffer): readonly number[];
  /** The values that it makes of them; undefined when it stops at raw numbers. */
  readonly values: ((answer: Buffer) => ArrayLike<number>) | undefined;
}

export interface OtherDecoder {
  readonly name: string;
  open(read: RegisterRead): OpenedDecoder;
}

/** What others decode registers with. */
export const OTHER_DECODERS: readonly OtherDecoder[] = [
  { name: 'Buffer.read*, as commonly written', open: openBufferReads },
  { name: 'Buffer.read*, nothing allocated', open: openTunedBufferReads },
  {
    name: 'binary-parser, raw numbers only',
    open: (read) => ({ ...openBinaryParser(read), values: undefined }),
  },
  { name: 'binary-parser, scaled', open: openScaledBinaryParser },
  { name: 'jsmodbus, 16-bit registers only', open: openJsmodbus },
  { name: 'jsmodbus, then Buffer.read*', open: openScaledJsmodbus },
];

/** A loop with a switch on the type, and plain double arithmetic. */
function openBufferReads({ factors }: RegisterRead): OpenedDecoder {
  const run = (answer: Buffer) => factors.map((factor) => scale(readRaw(answer, factor, DATA_START), factor));
  return { run, raws: (answer) => factors.map((factor) => readRaw(answer, factor, DATA_START)), values: run };
}

/** The same written for speed: all numbers go into one array. */
function openTunedBufferReads(read: RegisterRead): OpenedDecoder {
  const { factors } = read;
  const values = new Float64Array(factors.length);
  const run = (answer: Buffer) => {
    let at = 0;
    for (const factor of factors) values[at++] = scale(readRaw(answer, factor, DATA_START), factor);
    return values;
  };
  return { ...openBufferReads(read), run, values: run };
}

function openBinaryParser({ factors }: RegisterRead): OpenedDecoder {
  const parser = compileParser(factors);
  return {
    run: (answer) => parser.parse(answer),
    raws: (answer) => {
      const fields = parser.parse(answer);
      return factors.map((_, at) => Number(fields[`f${at}`]));
    },
    values: undefined,
  };
}

function openScaledBinaryParser(read: RegisterRead): OpenedDecoder {
  const parser = compileParser(read.factors);
  const named = read.factors.map((factor, at) => ({ factor, name: `f${at}` }));
  const run = (answer: Buffer) => {
    const fields = parser.parse(answer);
    return named.map(({ factor, name }) => scale(Number(fields[name]), factor));
  };
  return { ...openBinaryParser(read), run, values: run };
}

/** The parser of a Modbus client's answers, which knows registers as unsigned numbers of 16 bits. */
function openJsmodbus({ factors }: RegisterRead): OpenedDecoder {
  const { ReadHoldingRegistersResponseBody } = responses;
  return {
    run: (answer) => ReadHoldingRegistersResponseBody.fromBuffer(answer),
    raws: (answer) => {
      const data = registersAsBuffer(answer);
      return factors.map((factor) => readRaw(data, factor, 0));
    },
    values: undefined,
  };
}

function openScaledJsmodbus(read: RegisterRead): OpenedDecoder {
  const run = (answer: Buffer) => {
    const data = registersAsBuffer(answer);
    return read.factors.map((factor) => scale(readRaw(data, factor, 0), factor));
  };
  return { ...openJsmodbus(read), run, values: run };
}

function registersAsBuffer(answer: Buffer): Buffer {
  const body = responses.ReadHoldingRegistersResponseBody.fromBuffer(answer);
  if (!Buffer.isBuffer(body?.valuesAsBuffer)) throw new Error('jsmodbus reads no registers in the answer');
  return body.valuesAsBuffer;
}

function scale(raw: number, { data_factor, data_delta }: Factor): number {
  return raw * data_factor + data_delta;
}

function readRaw(data: Buffer, { data_type, data_endian, data_index }: Factor, start: number): number {
  const at = start + data_index * 2;
  const isLittle = data_endian === 'DCBA' || data_endian === 'BADC';
  switch (data_type) {
    case 'int16':
      return isLittle ? data.readInt16LE(at) : data.readInt16BE(at);
    case 'uint16':
      return isLittle ? data.readUInt16LE(at) : data.readUInt16BE(at);
    case 'int32':
      return data_endian === 'ABCD' ? data.readInt32BE(at) : inOrder(data, at, 4, data_endian).readInt32BE();
    case 'uint32':
      return data_endian === 'ABCD'
        ? data.readUInt32BE(at)
        : inOrder(data, at, 4, data_endian).readUInt32BE();
    case 'float32':
      return data_endian === 'ABCD' ? data.readFloatBE(at) : inOrder(data, at, 4, data_endian).readFloatBE();
    case 'float64':
      return data_endian === 'ABCD'
        ? data.readDoubleBE(at)
        : inOrder(data, at, 8, data_endian).readDoubleBE();
    case 'uint64':
      return Number(
        data_endian === 'ABCD'
          ? data.readBigUInt64BE(at)
          : inOrder(data, at, 8, data_endian).readBigUInt64BE(),
      );
    default:
      throw new Error(`${data_type} is not among the types of this benchmark`);
  }
}

const scratch = Buffer.alloc(8);

/** A copy of the bytes, most significant first. */
function inOrder(data: Buffer, at: number, length: number, order: DataEndian): Buffer {
  const value = scratch.subarray(0, length);
  data.copy(value, 0, at, at + length);
  if (order === 'BADC') return value.swap16();
  if (order === 'CDAB') value.swap16();
  return value.reverse();
}

/** The methods of binary-parser for big-endian and little-endian numbers, and the width in bytes. */
const FIELDS = {
  int16: ['int16be', 'int16le', 2],
  uint16: ['uint16be', 'uint16le', 2],
  int32: ['int32be', 'int32le', 4],
  uint32: ['uint32be', 'uint32le', 4],
  float32: ['floatbe', 'floatle', 4],
  float64: ['doublebe', 'doublele', 8],
  uint64: ['uint64be', 'uint64le', 8],
} as const satisfies Partial<Record<DataType, readonly [keyof Parser, keyof Parser, number]>>;

/** One named field a factor. The parser has no orders that swap words: for those a formatter reads the bytes. */
function compileParser(factors: readonly Factor[]): Parser {
  const parser = new Parser();
  parser.uint8('code').uint8('size');
  for (const [at, factor] of factors.entries()) {
    const [big, little, width] = FIELDS[factor.data_type as keyof typeof FIELDS];
    const { data_endian } = factor;
    if (data_endian === 'ABCD' || (data_endian === 'CDAB' && width === 2)) parser[big](`f${at}`);
    else if (data_endian === 'DCBA' || width === 2) parser[little](`f${at}`);
    else {
      const own = { ...factor, data_index: 0 };
      parser.buffer(`f${at}`, { length: width, formatter: (bytes) => readRaw(bytes, own, 0) });
    }
  }
  return parser;
}
