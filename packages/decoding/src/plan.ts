import {
  type AgriId,
  type Factor,
  FRAME_HEX_MAX_LENGTH,
  type Frame,
  isBitTable,
  MAX_READ_REGISTERS,
  type ModbusType,
  type RejectReason,
} from '@furrow/contracts';
import { failed } from './decoded.ts';
import { findAnswers } from './frame-answer.ts';
import { isAnswerOf, matchAnswer } from './frame-match.ts';
import { parseHexInto } from './hex.ts';
import { parseModbusFrame } from './modbus-frame.ts';
import { type BlockPlace, compileBlock, type FrameReading, type PlanBlock } from './plan-block.ts';
import { planWarnings } from './plan-warnings.ts';
import { type CompiledFactor, compileFactor, type PlannedFactor } from './planned-factor.ts';

/** What is wrong with one factor of a plan. */
export interface PlanProblem {
  readonly agriId: AgriId;
  readonly message: string;
}

/** What a frame brings: at least one reading in the order of the plan's factors, or why it brings none. */
export type FrameReadings =
  | {
      readonly ok: true;
      readonly readings: readonly FrameReading[];
      /** What stood in the bytes beside the answer and was left out: noise, text, an echo of the request; empty for most. */
      readonly skipped: readonly string[];
    }
  | { readonly ok: false; readonly reason: RejectReason; readonly message: string };

/** The values of a plain frame: `values[i]` is that of `factors[i]`; behind those stands what an earlier frame left. */
export interface PlainReadings {
  readonly factors: readonly Factor[];
  readonly values: Float64Array;
}

/** The factors of one device, ready to decode. Nothing in it throws. */
export interface Plan {
  /** Factors that decode nothing because their definition is wrong; empty when every factor is sound. */
  readonly problems: readonly PlanProblem[];
  /** What looks wrong about sound factors: overlaps, a suspicious byte order, sentinels that cannot occur. */
  readonly warnings: readonly PlanProblem[];
  /** The factor of that label, enabled or not: the caller looks at `factor.enabled`. */
  find(agriId: string): PlannedFactor | undefined;
  /**
   * Decodes the enabled factors of the frame's unit and table that lie wholly inside what was read. The answer is found among
   * noise, text, other frames and an echo of the request; of several that fit none is taken (`frame_malformed`). A sound frame
   * from another unit, of a function that does not read the table, or whose echoed request began elsewhere, is
   * `frame_unmatched`: it answers another question. Without the echo an answer does not say how many bits were asked for, so
   * a factor in the padding of its last byte reads as off.
   */
  decodeFrame(frame: Frame): FrameReadings;
  /**
   * {@link Plan.decodeFrame} for the usual frame, without making an object for each reading: the bytes are one answer, and every factor in
   * it has a value and nothing beside. Undefined for any other frame. What it gives is good until the next call.
   */
  decodePlainFrame(frame: Frame): PlainReadings | undefined;
  /** The enabled factors inside one read, laid out for decoding its data at once. Laid out once, and kept for the next read. */
  block(unit: number, modbusType: ModbusType, address: number, count: number): PlanBlock;
}

/**
 * Compiles a device's factors. Never throws: a factor whose definition is wrong is named in `problems`, decodes to
 * `decode_failed`, and spoils no other. Of two with one agri_id the first counts.
 *
 * Every factor becomes closures over its byte order and scaling, and a row of the lane that a block decodes it in. They are shared
 * code: a fleet's thousands of plans run the same few machine-code functions, where source generated for each plan would stay cold.
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
  const blocks = new BlockCache(compiled);
  return {
    problems,
    warnings: planWarnings(compiled),
    find: (agriId) => byAgriId.get(agriId),
    decodeFrame: (frame) => decodeFrame(frame, blocks),
    decodePlainFrame: (frame) => decodePlainFrame(frame, blocks),
    block: (unit, modbusType, address, count) => blocks.get({ unit, modbusType, address, count }),
  };
}

/** Reads of one device that a plan remembers the layout of; a gateway repeats a handful. */
const MAX_BLOCKS = 64;

class BlockCache {
  readonly #factors: readonly CompiledFactor[];
  readonly #blocks = new Map<string, PlanBlock>();
  #lastPlace: BlockPlace | undefined;
  #lastBlock: PlanBlock | undefined;

  constructor(factors: readonly CompiledFactor[]) {
    this.#factors = factors;
  }

  get(place: BlockPlace): PlanBlock {
    if (this.#lastBlock !== undefined && isSame(place, this.#lastPlace)) return this.#lastBlock;
    const key = `${place.unit} ${place.modbusType} ${place.address} ${place.count}`;
    let block = this.#blocks.get(key);
    if (block === undefined) {
      block = compileBlock(place, this.#factors);
      if (this.#blocks.size >= MAX_BLOCKS) this.#blocks.clear();
      this.#blocks.set(key, block);
    }
    this.#lastPlace = place;
    this.#lastBlock = block;
    return block;
  }
}

function isSame(a: BlockPlace, b: BlockPlace | undefined): boolean {
  return (
    a.address === b?.address && a.count === b.count && a.unit === b.unit && a.modbusType === b.modbusType
  );
}

/** Where the bytes of the frame at hand stand. Decoding ends before the next frame begins, and results hold no bytes. */
const frameBytes = new Uint8Array(FRAME_HEX_MAX_LENGTH / 2);
const frameView = new DataView(frameBytes.buffer);

/** Where the values of the plain frame at hand stand; grows with the largest block of factors. */
let frameValues = new Float64Array(MAX_READ_REGISTERS);

function decodePlainFrame(frame: Frame, blocks: BlockCache): PlainReadings | undefined {
  const length = parseHexInto(frame.hex, frameBytes);
  if (length < 0) return undefined;
  const isBits = isBitTable(frame.modbus_type);
  const answer = parseModbusFrame(
    frameBytes.subarray(0, length),
    frame.framing,
    isBits ? 'bits' : 'registers',
  );
  if (!answer.ok || !isAnswerOf(frame, answer)) return undefined;
  const { data } = answer;
  const { unit, modbus_type: modbusType, address } = frame;
  const block = blocks.get({ unit, modbusType, address, count: isBits ? data.length * 8 : data.length / 2 });
  const { factors } = block;
  if (factors.length > frameValues.length) frameValues = new Float64Array(factors.length);
  if (factors.length === 0 || block.decodeValues(frameView, data.byteOffset, frameValues) > 0)
    return undefined;
  return { factors, values: frameValues };
}

function decodeFrame(frame: Frame, blocks: BlockCache): FrameReadings {
  const length = parseHexInto(frame.hex, frameBytes);
  if (length < 0) {
    return failed(
      'frame_malformed',
      `hex is not made of at most ${frameBytes.length} bytes of two hexadecimal digits each`,
    );
  }
  const isBits = isBitTable(frame.modbus_type);
  const found = findAnswers(frameBytes.subarray(0, length), frame.framing, isBits ? 'bits' : 'registers');
  const match = matchAnswer(found, frame);
  if (!match.ok) return match;
  const { data } = match.frame;
  const count = match.count ?? (isBits ? data.length * 8 : data.length / 2);
  const block = blocks.get({
    unit: frame.unit,
    modbusType: frame.modbus_type,
    address: frame.address,
    count,
  });
  if (block.factors.length === 0) return noFactor(frame, count, block.disabled);
  return {
    ok: true,
    readings: block.decode(frameView, data.byteOffset),
    skipped: match.skipped,
  };
}

function noFactor(frame: Frame, count: number, disabled: number): FrameReadings {
  const read = `${frame.modbus_type} ${frame.address} to ${frame.address + count - 1} of unit ${frame.unit}`;
  return disabled > 0
    ? failed('factor_disabled', `every factor in ${read} is switched off`)
    : failed('frame_unmatched', `no factor lies in ${read}`);
}
