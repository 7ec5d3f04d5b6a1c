/// <reference lib="esnext.float16" />
import {
  agriId,
  type DataEndian,
  type DataType,
  type Factor,
  type FactorDefinitionInput,
  factorDefinitionSchema,
} from '@furrow/contracts';
import { crc16, formatHex } from '../src/index.ts';

/** A registered factor: a holding int16 at 0 of unit 1 unless told otherwise. */
export function factor(definition: Partial<FactorDefinitionInput> = {}, label = 'd-1000-abcd-1-00'): Factor {
  const whole = {
    unit: 1,
    address: 0,
    modbus_type: 'holding',
    data_type: 'int16',
    the_type: 'temp',
    ...definition,
  };
  return { ...factorDefinitionSchema.parse(whole), agri_id: agriId(label) };
}

/** The position on the wire of each big-endian byte, by the letters of the order; one pair a register. */
const PLACES: Record<DataEndian, (bytes: number[]) => number[]> = {
  ABCD: (bytes) => bytes,
  DCBA: (bytes) => bytes.toReversed(),
  BADC: (bytes) => bytes.map((_, at) => bytes[at ^ 1] ?? 0),
  CDAB: (bytes) => bytes.map((_, at) => bytes[bytes.length - 2 - (at & ~1) + (at & 1)] ?? 0),
};

/** The types of numbers, for tables that walk them all. */
export const NUMBER_TYPES = [
  'int8h',
  'int8l',
  'uint8h',
  'uint8l',
  'int16',
  'uint16',
  'int24',
  'uint24',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float16',
  'float32',
  'float64',
  'bcd8',
  'bcd16',
  'bcd24',
  'bcd32',
] as const satisfies readonly DataType[];

export type NumberType = (typeof NUMBER_TYPES)[number];

/** The big-endian registers of a raw number: bit arithmetic only, nothing shared with the readers. */
function bigEndian(raw: number | bigint, type: NumberType): number[] {
  const floats: Partial<Record<NumberType, (view: DataView) => void>> = {
    float16: (view) => view.setFloat16(6, Number(raw)),
    float32: (view) => view.setFloat32(4, Number(raw)),
    float64: (view) => view.setFloat64(0, Number(raw)),
  };
  const view = new DataView(new ArrayBuffer(8));
  const width = Number(/\d+/.exec(type)?.[0]);
  const write = floats[type];
  if (write) write(view);
  else if (type.startsWith('bcd')) view.setBigUint64(0, BigInt(`0x${raw}`));
  else view.setBigInt64(0, BigInt.asIntN(64, BigInt.asUintN(width, BigInt(raw))));
  const bytes = [...new Uint8Array(view.buffer)];
  const registers = Math.ceil(width / 16) * 2;
  const own = bytes.slice(8 - registers);
  return type.endsWith('h') ? own.toReversed() : own;
}

/** Writes a number into its registers: the encoder that the readers are held to. */
export function encode(raw: number | bigint, type: NumberType, endian: DataEndian): Uint8Array {
  return Uint8Array.from(PLACES[endian](bigEndian(raw, type)));
}

/** Bytes with their checksum. */
export function withCrc(bytes: Uint8Array | readonly number[]): Uint8Array {
  const crc = crc16(Uint8Array.from(bytes));
  return Uint8Array.of(...bytes, crc & 0xff, crc >>> 8);
}

/** An RTU answer of a unit to a read. */
export function rtuAnswer(unit: number, code: number, data: readonly number[]): Uint8Array {
  return withCrc([unit, code, data.length, ...data]);
}

export function rtuHex(unit: number, code: number, data: readonly number[]): string {
  return formatHex(rtuAnswer(unit, code, data));
}
