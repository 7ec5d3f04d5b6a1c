import { type Factor, isBitTable, type ModbusType } from '@furrow/contracts';
import { compileLanes } from './block-lanes.ts';
import type { Decoded } from './decoded.ts';
import type { CompiledFactor } from './planned-factor.ts';

/** One factor that a frame brings, and what became of it. */
export interface FrameReading {
  readonly factor: Factor;
  readonly result: Decoded;
}

/** Which registers or bits one read brought. */
export interface BlockPlace {
  readonly unit: number;
  readonly modbusType: ModbusType;
  /** Address of the first. */
  readonly address: number;
  /** How many registers (bits, for coils and discrete inputs). */
  readonly count: number;
}

/**
 * The enabled factors that lie wholly inside one read, in the order of the plan, laid out for decoding. The data begins at byte
 * `start` of the view, and is all there.
 */
export interface PlanBlock {
  readonly factors: readonly Factor[];
  /** How many factors inside are switched off. */
  readonly disabled: number;
  /**
   * Puts the value of factor i at `values[i]`, and NaN for those that {@link PlanBlock.decode} has more to say of: a failure, a
   * mark or a label. Returns how many there are of those. `values` is at least as long as `factors`. Nothing is allocated.
   */
  decodeValues(data: DataView, start: number, values: Float64Array): number;
  /** What became of every factor. */
  decode(data: DataView, start: number): FrameReading[];
}

/** Lays out the factors of a plan that lie inside one read. */
export function compileBlock(place: BlockPlace, planFactors: readonly CompiledFactor[]): PlanBlock {
  const inside = planFactors.filter((planned) => isInside(planned, place));
  const isBits = isBitTable(place.modbusType);
  // Bytes for registers, bits for bit tables: what codecs count in.
  const perByte = isBits ? 8 : 1;
  const enabled = inside.filter(({ definition }) => definition.enabled);
  const placeOf = ({ position }: CompiledFactor): number => (position - place.address) * (isBits ? 1 : 2);
  const steps = enabled.map((planned) => ({
    factor: planned.factor,
    codec: planned.codec,
    offset: placeOf(planned),
  }));
  return {
    factors: steps.map(({ factor }) => factor),
    disabled: inside.length - steps.length,
    decodeValues: compileLanes(
      enabled.map((planned) => ({
        bits: placeOf(planned) * (8 / perByte),
        lane: planned.lane,
        plainAt: planned.codec.plainAt,
      })),
      perByte,
    ),
    decode(data, start) {
      const base = start * perByte;
      return steps.map(({ factor, codec, offset }) => ({
        factor,
        result: codec.decodeAt(data, base + offset),
      }));
    },
  };
}

function isInside({ definition, position, width }: CompiledFactor, place: BlockPlace): boolean {
  return (
    definition.unit === place.unit &&
    definition.modbus_type === place.modbusType &&
    position >= place.address &&
    position + width <= place.address + place.count
  );
}
