import type { ChaosFactor } from './chaos-fleet.ts';

/** The four bytes of raw `n` as the factor's registers carry them, in hex. Written apart from the decoder, as its opposite. */
export function registersOf(factor: ChaosFactor, n: number): string {
  const bytes = Buffer.alloc(4);
  if (factor.data_type === 'float') bytes.writeFloatBE(n);
  else bytes.writeInt32BE(n);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const orders = { ABCD: [a, b, c, d], CDAB: [c, d, a, b], DCBA: [d, c, b, a] } as const;
  return Buffer.from(orders[factor.data_endian]).toString('hex');
}

/** The answer of unit 1 to a read of holding registers, with its checksum. */
export function rtuFrame(registers: string): string {
  const data = Buffer.from(registers, 'hex');
  const body = Buffer.concat([Buffer.from([1, 3, data.length]), data]);
  let crc = 0xffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return Buffer.concat([body, Buffer.from([crc & 0xff, crc >>> 8])]).toString('hex');
}
