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
  return [...data].flatMap((byte) => Array.from({ length: 8 }, (_, bit) => ((byte >>> bit) & 1) === 1));
}
