import type { ScannedPoint } from '@furrow/timeseries';

/** One point's time, value and version as the 32-bit words of three doubles: every bit of a value counts, so -0 is not 0. */
const numbers = new Float64Array(3);
const words = new Uint32Array(numbers.buffer);

const SEEDS = [0x2f0b4a27, 0x9e3779b9] as const;

/**
 * Count and checksum of points, whatever their order: the sum, modulo 2^64 in two halves, of a hash of each point. Points are each
 * hashed with MurmurHash3 (x86, 32 bits, Austin Appleby) under two seeds.
 */
export class Checksum {
  count = 0;
  #high = 0;
  #low = 0;

  add({ t, value, version }: Pick<ScannedPoint, 't' | 'value' | 'version'>): void {
    numbers[0] = t;
    numbers[1] = value;
    numbers[2] = version;
    this.count += 1;
    this.#high = (this.#high + murmur3(SEEDS[0])) >>> 0;
    this.#low = (this.#low + murmur3(SEEDS[1])) >>> 0;
  }

  equals(other: Checksum): boolean {
    return this.count === other.count && this.#high === other.#high && this.#low === other.#low;
  }
}

/** The hash of the words. */
function murmur3(seed: number): number {
  let hash = seed;
  for (const word of words) {
    let k = Math.imul(word, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    hash ^= Math.imul(k, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= words.byteLength;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
