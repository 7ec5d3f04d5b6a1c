/** In the byte order of the machine a table entry is one load, on the longest path of the loop. */
const LITTLE = true;

/** Remainders of the reflected polynomial 0xA001, one a byte value (Modbus over serial line 1.02, section 6.2.2). */
const TABLE = new DataView(new ArrayBuffer(256 * 2));
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xa001 : remainder >>> 1;
  }
  TABLE.setUint16(byte * 2, remainder, LITTLE);
}

/**
 * CRC-16/MODBUS of `bytes` from `start` up to, not including, `end`, both inside. A frame carries it low byte first, so over a whole
 * frame with its own CRC the result is 0.
 */
export function crc16(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let crc = 0xffff;
  for (let at = start; at < end; at++) {
    crc = (crc >>> 8) ^ TABLE.getUint16(((crc ^ view.getUint8(at)) & 0xff) * 2, LITTLE);
  }
  return crc;
}
