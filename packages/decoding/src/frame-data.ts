/** Register data bytes as unsigned numbers, most significant byte first; a last odd byte is left out. */
export function registersOf(data: Uint8Array): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.length >>> 1 }, (_, at) => view.getUint16(at * 2));
}

/**
 * Bit data bytes as booleans: the least significant bit of the first byte is the first address. Always whole bytes: an answer
 * does not say how many of its last bits are padding.
 */
export function bitsOf(data: Uint8Array): boolean[] {
  return Array.from({ length: data.length * 8 }, (_, at) => bitAt(data, at) === 1);
}

/** Bit number `at` of bit data bytes; 0 past their end. */
export function bitAt(data: Uint8Array, at: number): 0 | 1 {
  return ((data[at >>> 3] ?? 0) >>> (at & 7)) & 1 ? 1 : 0;
}
