import { placeOf, putFixed, putWhole, type RunLane } from './lane.ts';

/*
 * One loop a type, written out: a loop that called a reader it is given would call it for each number, because all types share its machine
 * code. Nothing but the line that reads differs. The line is exact for every number of up to 32 bits.
 */

/** Coils, discrete inputs and single bits of registers; places are those of bits. */
export const runBits: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const at = placeOf(lane, row);
    const raw = (view.getUint8(start + (at >>> 3)) >>> (at & 7)) & 1;
    others += putWhole(lane, row, raw, values);
  }
  return others;
};

/** Signed halves of registers. */
export const runInt8: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const raw = view.getInt8(start + placeOf(lane, row));
    others += putWhole(lane, row, raw, values);
  }
  return others;
};

/** Unsigned halves of registers. */
export const runUint8: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const raw = view.getUint8(start + placeOf(lane, row));
    others += putWhole(lane, row, raw, values);
  }
  return others;
};

/** One register, signed. */
export const runInt16: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const raw = view.getInt16(start + placeOf(lane, row), lane.swapped);
    others += putWhole(lane, row, raw, values);
  }
  return others;
};

/** One register, unsigned. */
export const runUint16: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const raw = view.getUint16(start + placeOf(lane, row), lane.swapped);
    others += putWhole(lane, row, raw, values);
  }
  return others;
};

/** Two registers, signed. */
export const runInt32: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const word = view.getInt32(start + placeOf(lane, row), lane.swapped);
    const raw = (word << lane.turn) | (word >>> lane.turn);
    others += putWhole(lane, row, raw, values);
  }
  return others;
};

/** Two registers, unsigned. */
export const runUint32: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const word = view.getInt32(start + placeOf(lane, row), lane.swapped);
    const raw = ((word << lane.turn) | (word >>> lane.turn)) >>> 0;
    others += putWhole(lane, row, raw, values);
  }
  return others;
};

/*
 * Numbers of 64 bits are asked one by one whether a double holds them. A number of 2^53 or more may be rounded here, but not to less than
 * that, and no multiplier is 0: its product is refused.
 */

/** Four registers, signed. */
export const runInt64: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const at = start + placeOf(lane, row);
    const high = view.getInt32(at + lane.upper, lane.swapped);
    const low = view.getInt32(at + 4 - lane.upper, lane.swapped);
    const raw =
      ((high << lane.turn) | (high >>> lane.turn)) * 2 ** 32 +
      (((low << lane.turn) | (low >>> lane.turn)) >>> 0);
    others += putFixed(lane, row, raw, 1, values);
  }
  return others;
};

/** Four registers, unsigned. */
export const runUint64: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const at = start + placeOf(lane, row);
    const high = view.getInt32(at + lane.upper, lane.swapped);
    const low = view.getInt32(at + 4 - lane.upper, lane.swapped);
    const raw =
      (((high << lane.turn) | (high >>> lane.turn)) >>> 0) * 2 ** 32 +
      (((low << lane.turn) | (low >>> lane.turn)) >>> 0);
    others += putFixed(lane, row, raw, 1, values);
  }
  return others;
};
