/** Gives a number from 0 up to, not including, 1 at each call. */
export type Random = () => number;

/** Numbers that look random and are the same for the same seed: one xorshift step a number (Marsaglia 2003). */
export function seededRandom(seed: number): Random {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
