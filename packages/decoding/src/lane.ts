import type { ByteOrder } from './byte-order.ts';
import type { RangedLine } from './conversion.ts';

/**
 * Factors of a block whose registers are read alike and whose values lie on a line, as rows of one table. A lane is decoded in one loop
 * that is written out for its type: no call for each factor, nothing on the heap, and machine code that all blocks of all plans share.
 */
export interface Lane {
  readonly run: RunLane;
  /** How many factors. */
  readonly rows: number;
  /** Three whole numbers a row: the factor's place, that of its value, and how many decimals its last reading had. */
  readonly wholes: Int32Array;
  /** Five numbers a row: the factor's line. */
  readonly lines: Float64Array;
  /** Each register holds its low byte first. */
  readonly swapped: boolean;
  /** By how many bits to turn 32 bits that were read with `swapped`, so that the more significant word stands in front: 0 or 16. */
  readonly turn: Turn;
  /** Where the upper 32 of 64 bits stand: at byte 0 or 4. */
  readonly upper: number;
}

type Turn = 0 | 16;

/**
 * Puts the value of each row into its place in `values`: NaN where the value is out of range or not sure to be exact. Returns how many
 * are NaN. The data begins at byte `start` of the view.
 */
export type RunLane = (lane: Lane, view: DataView, start: number, values: Float64Array) => number;

/** How a type is decoded in a lane. */
export interface LaneKind {
  readonly run: RunLane;
  /** What a row's place counts: bytes, or bits of bytes whose lowest bit comes first. */
  readonly places: 'bytes' | 'bits';
  /** The line has to be exact for whole raw numbers of this size; 1 where `run` sees to that for each number. */
  readonly size: number;
  /** How many bits behind the beginning of its first register a factor of less than a register stands. */
  within(order: ByteOrder, bit: number): number;
}

/** A factor that a lane can take. */
export interface LaneFactor {
  readonly kind: LaneKind;
  readonly order: ByteOrder;
  readonly line: RangedLine;
  /** {@link LaneKind.within} of this factor. */
  readonly within: number;
}

/** A lane's factor in a block. */
export interface LanePlace {
  readonly factor: LaneFactor;
  /** Where its first register begins, in bits behind the start of the data. */
  readonly bits: number;
  /** Its place among the values. */
  readonly index: number;
}

/*
 * Where the numbers of a row stand in {@link Lane.wholes} and {@link Lane.lines}. Typed arrays make 16-bit lanes half as fast again as
 * a DataView does; `as number` says what no type can, that every row lies inside the tables.
 */
const PLACE = 0;
const INDEX = 1;
const HINT = 2;
const WHOLES = 3;

const MULTIPLIER = 0;
const OFFSET = 1;
const DIVISOR = 2;
const LOWEST = 3;
const HIGHEST = 4;
const LINE = 5;

/** Lays out factors of one kind and byte order; there is at least one. */
export function layLane(kind: LaneKind, order: ByteOrder, places: readonly LanePlace[]): Lane {
  const place = ({ factor, bits }: LanePlace): number =>
    kind.places === 'bits' ? bits + factor.within : (bits + factor.within) / 8;
  return {
    run: kind.run,
    rows: places.length,
    wholes: Int32Array.from(places.flatMap((one) => [place(one), one.index, 0])),
    lines: Float64Array.from(
      places.flatMap(({ factor: { line } }) => [
        line.multiplier,
        line.offset,
        line.divisor,
        line.lowest,
        line.highest,
      ]),
    ),
    swapped: order.bytesSwapped,
    turn: order.wordsReversed === order.bytesSwapped ? 0 : 16,
    upper: order.wordsReversed ? 4 : 0,
  };
}

/** Where the factor of a row begins behind the start of the data, in what its lane counts. */
export function placeOf(lane: Lane, row: number): number {
  return lane.wholes[row * WHOLES + PLACE] as number;
}

/** How many decimals the last reading of a row had; 0 before the first. */
export function hintOf(lane: Lane, row: number): number {
  return lane.wholes[row * WHOLES + HINT] as number;
}

/** Remembers how many decimals a row's reading had. */
export function setHint(lane: Lane, row: number, decimals: number): void {
  lane.wholes[row * WHOLES + HINT] = decimals;
}

/** Puts the value of a whole raw number that the line is exact for; returns 1 where it is NaN, else 0. */
export function putWhole(lane: Lane, row: number, raw: number, values: Float64Array): number {
  const numerator =
    raw * (lane.lines[row * LINE + MULTIPLIER] as number) + (lane.lines[row * LINE + OFFSET] as number);
  const value = numerator / (lane.lines[row * LINE + DIVISOR] as number);
  // Two stores, because one of `inRange ? value : NaN` takes twice as long.
  if (
    value >= (lane.lines[row * LINE + LOWEST] as number) &&
    value <= (lane.lines[row * LINE + HIGHEST] as number)
  ) {
    values[lane.wholes[row * WHOLES + INDEX] as number] = value;
    return 0;
  }
  return putNone(lane, row, values);
}

/** Whole numbers below are doubles exactly, and so are powers of ten up to the other. */
const EXACT = 2 ** 53;
const EXACT_POWER = 1e22;

/** Puts the value of `digits / power`, a power of ten, if it is sure to be exact; returns 1 where it is NaN, else 0. */
export function putFixed(
  lane: Lane,
  row: number,
  digits: number,
  power: number,
  values: Float64Array,
): number {
  const product = digits * (lane.lines[row * LINE + MULTIPLIER] as number);
  const numerator = product + (lane.lines[row * LINE + OFFSET] as number) * power;
  const denominator = (lane.lines[row * LINE + DIVISOR] as number) * power;
  const value = numerator / denominator;
  if (
    Math.abs(product) < EXACT &&
    Math.abs(numerator) < EXACT &&
    denominator <= EXACT_POWER &&
    value >= (lane.lines[row * LINE + LOWEST] as number) &&
    value <= (lane.lines[row * LINE + HIGHEST] as number)
  ) {
    values[lane.wholes[row * WHOLES + INDEX] as number] = value;
    return 0;
  }
  return putNone(lane, row, values);
}

/** Leaves a row to the long way; returns 1. */
export function putNone(lane: Lane, row: number, values: Float64Array): number {
  values[lane.wholes[row * WHOLES + INDEX] as number] = Number.NaN;
  return 1;
}
