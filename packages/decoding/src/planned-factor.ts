import {
  type Factor,
  factorDefinitionSchema,
  factorWidth,
  formatIssues,
  isBitTable,
  type Reading,
  schemaIssues,
} from '@furrow/contracts';
import { bitCodec } from './bit-codec.ts';
import { BYTE_ORDERS } from './byte-order.ts';
import { type Decoded, failed } from './decoded.ts';
import { parseHex } from './hex.ts';
import type { RawCodec } from './raw-codec.ts';
import { decodeRawReading, decodeScaledReading } from './reading.ts';
import { REGISTER_TYPES } from './register-types.ts';
import { compileScaling } from './scaling.ts';

/** A factor, ready to decode. Its methods are total: any argument gives a result. */
export interface PlannedFactor {
  readonly factor: Factor;
  /**
   * A reading from an item. `scaled` says that it is the engineering value already; otherwise it is the number in the
   * registers, and has to be one that the factor's data_type can hold.
   */
  fromReading(reading: Reading, scaled: boolean): Decoded;
  /** Hex of exactly this factor's registers as on the wire; for a coil or discrete input one byte, whose lowest bit counts. */
  fromRaw(hex: string): Decoded;
}

/** A planned factor, and how to find it in the data of a read. */
export interface CompiledFactor extends PlannedFactor {
  /** Address of its first register or bit; NaN when its definition has none. */
  readonly position: number;
  /** Width in registers or bits. */
  readonly width: number;
  /** What is wrong with its definition; then nothing decodes. */
  readonly problem: string | undefined;
  /** Decodes it `offset` registers or bits into the data, where all of it lies inside. */
  decodeAt(data: DataView, offset: number): Decoded;
}

/** Compiles one factor; a definition that breaks a rule gives a factor that decodes nothing, and its problem. Never throws. */
export function compileFactor(factor: Factor): CompiledFactor {
  const checked = factorDefinitionSchema.safeParse(factor);
  if (!checked.success) return broken(factor, formatIssues(schemaIssues(checked.error, factor)));
  return isBitTable(factor.modbus_type) ? compileBit(factor) : compileRegisters(factor);
}

function compileRegisters(factor: Factor): CompiledFactor {
  const type = REGISTER_TYPES[factor.data_type];
  const scaling = compileScaling(factor.data_factor, factor.data_delta);
  const codec = type.codec({ name: factor.data_type, min: type.min, max: type.max, scaling });
  const read = type.reader(BYTE_ORDERS[factor.data_endian]);
  const bytes = type.registers * 2;
  return {
    ...common(factor, codec),
    fromRaw: (hex) => withBytes(hex, bytes, factor, (view) => codec.fromRegisters(read(view, 0))),
    decodeAt: (data, offset) => codec.fromRegisters(read(data, offset * 2)),
  };
}

function compileBit(factor: Factor): CompiledFactor {
  const codec = bitCodec({ scaling: compileScaling(factor.data_factor, factor.data_delta) });
  const decodeAt = (data: DataView, offset: number): Decoded =>
    codec.fromRegisters((data.getUint8(offset >>> 3) >>> (offset & 7)) & 1);
  return {
    ...common(factor, codec),
    fromRaw: (hex) => withBytes(hex, 1, factor, (view) => decodeAt(view, 0)),
    decodeAt,
  };
}

function common(factor: Factor, codec: RawCodec): Omit<CompiledFactor, 'fromRaw' | 'decodeAt'> {
  const isBit = isBitTable(factor.modbus_type);
  return {
    factor,
    position: factor.address + factor.data_index,
    width: factorWidth(factor),
    problem: undefined,
    fromReading: (reading, scaled) =>
      scaled ? decodeScaledReading(reading, isBit) : decodeRawReading(reading, codec),
  };
}

function withBytes(
  hex: string,
  length: number,
  factor: Factor,
  decode: (view: DataView) => Decoded,
): Decoded {
  const bytes = parseHex(hex);
  if (!bytes) return failed('decode_failed', 'raw is not made of bytes of two hexadecimal digits each');
  if (bytes.length !== length) {
    const what = isBitTable(factor.modbus_type) ? factor.modbus_type : factor.data_type;
    const plural = length === 1 ? '' : 's';
    return failed('decode_failed', `a raw ${what} has ${length} byte${plural}, not ${bytes.length}`);
  }
  return decode(new DataView(bytes.buffer));
}

function broken(factor: Factor, problem: string): CompiledFactor {
  const failure = failed('decode_failed', `the definition of the factor is wrong: ${problem}`);
  const placed = Number.isInteger(factor.address) && Number.isInteger(factor.data_index);
  return {
    factor,
    position: placed ? factor.address + factor.data_index : Number.NaN,
    width: 1,
    problem,
    fromReading: () => failure,
    fromRaw: () => failure,
    decodeAt: () => failure,
  };
}
