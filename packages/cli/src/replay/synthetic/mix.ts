/**
 * A number from 0 to 2^32 - 1 that looks random and depends on nothing but its arguments: the finalizer of MurmurHash3 (Appleby, public
 * domain) over each in turn. Any part of a fleet can so be made without the parts before it.
 */
export function mix(seed: number, a: number, b: number, c = 0): number {
  let h = scramble(seed ^ 0x9e37_79b9);
  h = scramble(h ^ a);
  h = scramble(h ^ b);
  return scramble(h ^ c) >>> 0;
}

/** {@link mix} as a number from 0 up to, not including, 1. */
export function mixShare(seed: number, a: number, b: number, c = 0): number {
  return mix(seed, a, b, c) / 2 ** 32;
}

function scramble(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
