import {
  type Factor,
  type FactorDefinition,
  factorDefinitionSchema,
  factorWidth,
  formatIssues,
  isBitTable,
  type Reading,
  schemaIssues,
} from '@furrow/contracts';
import { BYTE_ORDERS, type ByteOrder } from './byte-order.ts';
import { type Conversion, compileConversion } from './conversion.ts';
import { type Decoded, failed } from './decoded.ts';
import { parseHex } from './hex.ts';
import type { LaneFactor } from './lane.ts';
import type { RawCodec } from './raw-codec.ts';
import { decodeRawReading, decodeScaledReading } from './reading.ts';
import { REGISTER_TYPES, type RegisterType } from './register-types.ts';

/** A factor, ready to decode. Its methods are total: any argument gives a result. */
export interface PlannedFactor {
  readonly factor: Factor;
  /**
   * A reading from an item. `scaled` says that it is the engineering value already, which only decimals and range are left for;
   * otherwise it is the number in the registers, and has to be one that the factor's data_type can hold.
   */
  fromReading(reading: Reading, scaled: boolean): Decoded;
  /** The value that {@link PlannedFactor.fromReading} gives, without an object around it; NaN when only that can say. */
  plainReading(reading: number, scaled: boolean): number;
  /** Hex of exactly this factor's registers as on the wire; for a coil or discrete input one byte, whose lowest bit counts. */
  fromRaw(hex: string): Decoded;
}

/** A planned factor, and how to find it in the data of a read. */
export interface CompiledFactor extends PlannedFactor {
  /** The factor's definition in its normal form; of a wrong one, the factor as it was given. */
  readonly definition: FactorDefinition;
  /** Address of its first register or bit; NaN when its definition has none. */
  readonly position: number;
  /** Width in registers or bits. */
  readonly width: number;
  /** What is wrong with its definition; then nothing decodes. */
  readonly problem: string | undefined;
  /** Reads it where all of it lies inside the view: `at` counts bytes for registers, bits for coils and discrete inputs. */
  readonly codec: Pick<RawCodec, 'plainAt' | 'decodeAt' | 'rawAt'>;
  /** How it is decoded together with its like; undefined when its type has no lane or its values lie on no line. */
  readonly lane: LaneFactor | undefined;
}

/** Compiles one factor; a definition that breaks a rule gives a factor that decodes nothing, and its problem. Never throws. */
export function compileFactor(factor: Factor): CompiledFactor {
  const checked = factorDefinitionSchema.safeParse(factor);
  if (!checked.success) return broken(factor, formatIssues(schemaIssues(checked.error, factor)));
  // As parsed: a caller without types may leave out what has a default, or write `float`.
  const definition = checked.data;
  const { modbus_type, data_type, data_endian, address, data_index } = definition;
  const isBit = isBitTable(modbus_type);
  const name = isBit ? modbus_type : data_type;
  const width = factorWidth(definition);
  const conversion = compileConversion(definition);
  const type = REGISTER_TYPES[isBit ? 'bool' : data_type];
  const order = BYTE_ORDERS[data_endian];
  const codec = type.codec(name, {
    order,
    bit: definition.bit ?? 0,
    length: width,
    conversion,
  });
  const bytes = isBit ? 1 : width * 2;
  const takesBoolean = isBit || data_type === 'bit';
  return {
    factor,
    definition,
    position: address + data_index,
    width,
    problem: undefined,
    codec,
    lane: laneOf(type, order, definition.bit ?? 0, conversion),
    fromReading: (reading, scaled) =>
      scaled ? decodeScaledReading(reading, conversion, takesBoolean) : decodeRawReading(reading, codec),
    plainReading: (reading, scaled) => (scaled ? conversion.plainValue(reading) : codec.plainNumber(reading)),
    fromRaw: (hex) => decodeHex(hex, bytes, codec, name),
  };
}

function laneOf(
  { lane: kind }: RegisterType,
  order: ByteOrder,
  bit: number,
  conversion: Conversion,
): LaneFactor | undefined {
  const line = kind && conversion.lineFor(kind.size);
  return line && { kind, order, line, within: kind.within(order, bit) };
}

function decodeHex(hex: string, length: number, codec: RawCodec, name: string): Decoded {
  const bytes = parseHex(hex);
  if (!bytes) return failed('decode_failed', 'raw is not made of bytes of two hexadecimal digits each');
  if (bytes.length !== length) {
    const plural = length === 1 ? '' : 's';
    return failed('decode_failed', `a raw ${name} has ${length} byte${plural} here, not ${bytes.length}`);
  }
  return codec.decodeAt(new DataView(bytes.buffer), 0);
}

function broken(factor: Factor, problem: string): CompiledFactor {
  const failure = failed('decode_failed', `the definition of the factor is wrong: ${problem}`);
  const fail = () => failure;
  const isPlaced = Number.isInteger(factor.address) && Number.isInteger(factor.data_index);
  return {
    factor,
    definition: factor,
    position: isPlaced ? factor.address + factor.data_index : Number.NaN,
    width: 1,
    problem,
    codec: { plainAt: () => Number.NaN, decodeAt: fail, rawAt: fail },
    lane: undefined,
    fromReading: fail,
    plainReading: () => Number.NaN,
    fromRaw: fail,
  };
}
