import { hintOf, placeOf, putFixed, putNone, type RunLane, setHint } from './lane.ts';
import { powerOfTen } from './powers-of-ten.ts';

/**
 * Each float64 of few decimals and at most 15 digits stands for that decimal, which no other such decimal shares a double with. The search
 * for its decimals begins with as many as the factor's last reading had.
 */
export const runFloat64: RunLane = (lane, view, start, values) => {
  let others = 0;
  for (let row = 0; row < lane.rows; row += 1) {
    const at = start + placeOf(lane, row);
    const high = view.getInt32(at + lane.upper, lane.swapped);
    const low = view.getInt32(at + 4 - lane.upper, lane.swapped);
    scratch.setInt32(4, (high << lane.turn) | (high >>> lane.turn), true);
    scratch.setInt32(0, (low << lane.turn) | (low >>> lane.turn), true);
    const x = scratch.getFloat64(0, true);
    const decimals = decimalsOf(x, hintOf(lane, row));
    if (decimals > MAX_DECIMALS) {
      others += putNone(lane, row, values);
    } else {
      setHint(lane, row, decimals);
      const power = powerOfTen(decimals);
      others += putFixed(lane, row, Math.round(x * power), power, values);
    }
  }
  return others;
};

const MAX_DECIMALS = 8;
const MAX_DIGITS = 1e15;
const scratch = new DataView(new ArrayBuffer(8));

/** The fewest decimals that x is written with; more than {@link MAX_DECIMALS} when those are not enough. */
function decimalsOf(x: number, hint: number): number {
  let decimals = hint;
  if (isWrittenWith(x, decimals)) {
    while (decimals > 0 && isWrittenWith(x, decimals - 1)) decimals -= 1;
    return decimals;
  }
  // From none on: with more decimals than it has, a large number has too many digits.
  decimals = 0;
  while (decimals <= MAX_DECIMALS && !isWrittenWith(x, decimals)) decimals += 1;
  return decimals;
}

function isWrittenWith(x: number, decimals: number): boolean {
  const power = powerOfTen(decimals);
  const digits = Math.round(x * power);
  return Math.abs(digits) < MAX_DIGITS && digits / power === x;
}
