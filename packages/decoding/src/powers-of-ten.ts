/** The largest k for which 10^k is a double exactly. */
export const MAX_EXACT_POWER = 22;

const POWERS = new DataView(new ArrayBuffer((MAX_EXACT_POWER + 1) * 8));
for (let k = 0; k <= MAX_EXACT_POWER; k++) POWERS.setFloat64(k * 8, Number(`1e${k}`), true);

/** 10^k for a whole k of 0 to {@link MAX_EXACT_POWER}, which is exact. */
export function powerOfTen(k: number): number {
  return POWERS.getFloat64(k * 8, true);
}
