import { type AgriId, type Factor, type Frame, isBitTable, type RejectReason } from '@furrow/contracts';
import { type Decoded, failed } from './decoded.ts';
import { parseHex } from './hex.ts';
import { type DataFrame, parseModbusFrame } from './modbus-frame.ts';
import { READ_FUNCTIONS } from './modbus-function.ts';
import { type CompiledFactor, compileFactor, type PlannedFactor } from './planned-factor.ts';

/** What is wrong with one factor of a plan. */
export interface PlanProblem {
  readonly agriId: AgriId;
  readonly message: string;
}

/** One factor that a frame brings, and what became of it. */
export interface FrameReading {
  readonly factor: Factor;
  readonly result: Decoded;
}

/** What a frame brings: at least one reading in the order of the plan's factors, or why it brings none. */
export type FrameReadings =
  | { readonly ok: true; readonly readings: readonly FrameReading[] }
  | { readonly ok: false; readonly reason: RejectReason; readonly message: string };

/** The factors of one device, ready to decode. Nothing in it throws. */
export interface Plan {
  /** Empty when every factor is sound. */
  readonly problems: readonly PlanProblem[];
  /** The factor of that label, enabled or not: the caller looks at `factor.enabled`. */
  find(agriId: string): PlannedFactor | undefined;
  /**
   * Decodes the enabled factors of the frame's unit and table that lie wholly inside what was read. A frame from another unit, or
   * of a function that does not read the table, is `frame_unmatched`: it is sound, but answers another question. An answer does
   * not say how many bits were asked for, so a factor in the padding of its last byte reads as off.
   */
  decodeFrame(frame: Frame): FrameReadings;
}

/**
 * Compiles a device's factors. Never throws: a factor whose definition is wrong is named in `problems`, decodes to
 * `decode_failed`, and spoils no other. Of two with one agri_id the first counts.
 */
export function compilePlan(factors: readonly Factor[]): Plan {
  const problems: PlanProblem[] = [];
  const byAgriId = new Map<string, CompiledFactor>();
  for (const factor of factors) {
    const compiled = compileFactor(factor);
    if (compiled.problem !== undefined) {
      problems.push({ agriId: factor.agri_id, message: compiled.problem });
    }
    if (byAgriId.has(factor.agri_id)) {
      problems.push({ agriId: factor.agri_id, message: 'another factor of the device has the same agri_id' });
    } else {
      byAgriId.set(factor.agri_id, compiled);
    }
  }
  const compiled = [...byAgriId.values()];
  return {
    problems,
    find: (agriId) => byAgriId.get(agriId),
    decodeFrame: (frame) => decodeFrame(frame, compiled),
  };
}

function decodeFrame(frame: Frame, factors: readonly CompiledFactor[]): FrameReadings {
  const bytes = parseHex(frame.hex);
  if (!bytes) return failed('frame_malformed', 'hex is not made of bytes of two hexadecimal digits each');
  const parsed = parseModbusFrame(bytes, frame.framing, isBitTable(frame.modbus_type) ? 'bits' : 'registers');
  if (!parsed.ok) {
    const detail = parsed.exceptionCode === undefined ? '' : `exception ${parsed.exceptionCode}: `;
    return failed(parsed.reason, `${detail}${parsed.message}`);
  }
  return unmatched(parsed, frame) ?? decodeData(parsed, frame, factors);
}

/** Why a sound frame is not the answer that `frame` says it is; undefined when it is. */
function unmatched(parsed: DataFrame, frame: Frame): FrameReadings | undefined {
  if (parsed.unit !== undefined && parsed.unit !== frame.unit) {
    return failed('frame_unmatched', `unit ${parsed.unit} answers, not unit ${frame.unit}`);
  }
  const expected = READ_FUNCTIONS[frame.modbus_type];
  if (parsed.function !== undefined && parsed.function !== expected) {
    return failed(
      'frame_unmatched',
      `the frame answers function ${parsed.function}, a ${frame.modbus_type} is read by function ${expected}`,
    );
  }
  return undefined;
}

function decodeData(parsed: DataFrame, frame: Frame, factors: readonly CompiledFactor[]): FrameReadings {
  const count = parsed.kind === 'bits' ? parsed.data.length * 8 : parsed.data.length / 2;
  const inside = factors.filter(
    ({ factor, position, width }) =>
      factor.unit === frame.unit &&
      factor.modbus_type === frame.modbus_type &&
      position >= frame.address &&
      position + width <= frame.address + count,
  );
  const enabled = inside.filter(({ factor }) => factor.enabled);
  if (enabled.length === 0) {
    const read = `${frame.modbus_type} ${frame.address} to ${frame.address + count - 1} of unit ${frame.unit}`;
    return inside.length > 0
      ? failed('factor_disabled', `every factor in ${read} is switched off`)
      : failed('frame_unmatched', `no factor lies in ${read}`);
  }
  const view = new DataView(parsed.data.buffer, parsed.data.byteOffset, parsed.data.byteLength);
  const readings = enabled.map((planned) => ({
    factor: planned.factor,
    result: planned.decodeAt(view, planned.position - frame.address),
  }));
  return { ok: true, readings };
}
