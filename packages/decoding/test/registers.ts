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

export type NumberType = Extract<DataType, 'int16' | 'uint16' | 'int32' | 'uint32' | 'float32'>;

/** Writes a number into its registers: the encoder that the readers are held to. */
export function encode(raw: number, type: NumberType, endian: DataEndian): Uint8Array {
  const view = new DataView(new ArrayBuffer(type.endsWith('16') ? 2 : 4));
  const write = {
    int16: () => view.setInt16(0, raw),
    uint16: () => view.setUint16(0, raw),
    int32: () => view.setInt32(0, raw),
    uint32: () => view.setUint32(0, raw),
    float32: () => view.setFloat32(0, raw),
  };
  write[type]();
  return Uint8Array.from(PLACES[endian]([...new Uint8Array(view.buffer)]));
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
