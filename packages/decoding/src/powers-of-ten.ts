/** The largest k for which 10^k is a double exactly. */
export const MAX_EXACT_POWER = 22;

/** 10^k for k = 0 … {@link MAX_EXACT_POWER}, each exact. */
export const POWERS_OF_TEN: Float64Array = Float64Array.from({ length: MAX_EXACT_POWER + 1 }, (_, k) =>
  Number(`1e${k}`),
);

/** 10^k, exact for 0 ≤ k ≤ {@link MAX_EXACT_POWER} and NaN for any other k. */
export function powerOfTen(k: number): number {
  return POWERS_OF_TEN[k] ?? Number.NaN;
}
