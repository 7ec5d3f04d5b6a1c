import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16, parseHex } from '../src/index.ts';

describe('crc16', () => {
  it.each([
    ['the check value of CRC-16/MODBUS ("123456789")', '313233343536373839', 0x4b37],
    ['no bytes', '', 0xffff],
    ['Modbus over serial line 1.02, appendix B example: 02 07', '0207', 0x1241],
    ['a read of ten holding registers', '01030000000A', 0xcdc5],
  ])('gives the published value of %s', (_, hex, crc) => {
    expect(crc16(parseHex(hex) ?? new Uint8Array(0))).toBe(crc);
  });

  it('is 0 over bytes that carry their own checksum low byte first', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 260 }), (bytes) => {
        const crc = crc16(bytes);
        expect(crc16(Uint8Array.of(...bytes, crc & 0xff, crc >>> 8))).toBe(0);
      }),
    );
  });

  it('takes a part of the bytes', () => {
    const bytes = Uint8Array.of(9, 1, 3, 0, 0, 0, 10, 9);
    expect(crc16(bytes, 1, 7)).toBe(0xcdc5);
  });
});
