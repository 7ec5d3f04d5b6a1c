import { hintOf, placeOf, putFixed, putNone, type RunLane, setHint } from './lane.ts';
import { powerOfTen } from './powers-of-ten.ts';

/**
 * Each float32 stands for the shortest decimal that reads back as it. The search for how many decimals that has begins with as many as
 * the factor's last reading had, and mostly ends there. All of it is exact in doubles: 24 bits times 10^8 are 43 bits, without the
 * twos in the power.
 */
export const runFloat32: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const word = view.getInt32(start + placeOf(lane, row), lane.swapped);
    const bits = (word << lane.turn) | (word >>> lane.turn);
    scratch.setInt32(0, bits, true);
    const x = scratch.getFloat32(0, true);
    const decimals = decimalsOf(x, halfGapOf(bits), hintOf(lane, row));
    if (decimals > MAX_DECIMALS) {
      others += putNone(lane, row, values);
    } else {
      setHint(lane, row, decimals);
      const power = powerOfTen(decimals);
      others += putFixed(lane, row, roundToEven(x * power), power, values);
    }
  }
  return others;
};

const MAX_DECIMALS = 8;
const scratch = new DataView(new ArrayBuffer(4));

/**
 * Half the distance between neighbours, by the eight exponent bits; NaN, which no distance is within, below 2^-14, where decimals are many,
 * and from 2^24 on, where the shortest decimal may leave out digits before the point. Exponent 0 is that of zero, which has no
 * neighbour to be mistaken for; the subnormals, which share it, find no decimal that is exact.
 */
const HALF_GAPS = new DataView(new ArrayBuffer(256 * 8));
for (let exponent = 1; exponent < 256; exponent++) {
  const power = exponent - 127;
  HALF_GAPS.setFloat64(exponent * 8, power >= -14 && power < 24 ? 2 ** (power - 24) : Number.NaN, true);
}

/** How near a decimal has to be to read back as the number of these bits. */
function halfGapOf(bits: number): number {
  // The gap below a power of two is only half as wide, but of those in the table none has a decimal within the whole gap but itself.
  return HALF_GAPS.getFloat64(((bits >>> 23) & 0xff) * 8, true);
}

/** The fewest decimals that x reads back from; more than {@link MAX_DECIMALS} when those are not enough. */
function decimalsOf(x: number, halfGap: number, hint: number): number {
  let decimals = hint;
  if (readsBack(x, halfGap, decimals)) {
    // Once some are enough, more are too.
    while (decimals > 0 && readsBack(x, halfGap, decimals - 1)) decimals -= 1;
  } else {
    do decimals += 1;
    while (decimals <= MAX_DECIMALS && !readsBack(x, halfGap, decimals));
  }
  return decimals;
}

/**
 * Whether the nearest decimal of so many places reads back as x. None lies on the border: the middle between two numbers has one binary
 * place more than both, and so one decimal place more than x needs to be written in full.
 */
function readsBack(x: number, halfGap: number, decimals: number): boolean {
  const power = powerOfTen(decimals);
  const exact = x * power;
  return Math.abs(exact - Math.round(exact)) <= halfGap * power;
}

/** The nearest whole number; of two as near the even one, which is the digit that the shortest decimal ends in. */
function roundToEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
