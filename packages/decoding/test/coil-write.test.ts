import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coilWriteFrame, crc16, findCoilAnswer, formatHex, parseHex } from '../src/index.ts';

const bytesOf = (hex: string) => parseHex(hex.replaceAll(' ', '')) ?? new Uint8Array();
const join = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));
const exception = (unit: number, code: number) => {
  const crc = crc16(new Uint8Array([unit, 0x85, code]));
  return new Uint8Array([unit, 0x85, code, crc & 0xff, crc >>> 8]);
};
const write = fc.record({
  unit: fc.integer({ min: 1, max: 247 }),
  address: fc.integer({ min: 0, max: 0xffff }),
  on: fc.boolean(),
});

describe('coilWriteFrame', () => {
  // The frames that makers of relay boards print, such as Waveshare's wiki of its Modbus RTU relay.
  it.each([
    [1, 0, true, '01 05 00 00 FF 00 8C 3A'],
    [1, 0, false, '01 05 00 00 00 00 CD CA'],
    [1, 1, true, '01 05 00 01 FF 00 DD FA'],
    // The example of the specification, section 6.5, in an RTU frame of unit 17.
    [17, 172, true, '11 05 00 AC FF 00 4E 8B'],
  ])('unit %i, address %i, %s is %s', (unit, address, on, hex) => {
    expect(formatHex(coilWriteFrame(unit, address, on))).toBe(hex.replaceAll(' ', ''));
  });

  it.each([
    [0, 0],
    [248, 0],
    [1.5, 0],
    [1, -1],
    [1, 65_536],
    [1, 0.5],
    [Number.NaN, 0],
    [1, Number.NaN],
  ])('makes no frame of unit %d, address %d', (unit, address) => {
    expect(() => coilWriteFrame(unit, address, true)).toThrow(RangeError);
  });

  it('is one frame with a right checksum, whatever it says', () => {
    fc.assert(
      fc.property(write, ({ unit, address, on }) => {
        const frame = coilWriteFrame(unit, address, on);
        expect(frame).toHaveLength(8);
        expect(crc16(frame)).toBe(0);
      }),
    );
  });
});

describe('findCoilAnswer', () => {
  const request = coilWriteFrame(1, 3, true);

  it('takes the echo, alone or among other bytes', () => {
    expect(findCoilAnswer(request, request)).toEqual({ kind: 'confirmed' });
    const reading = bytesOf('01 03 02 00 F5 78 03');
    expect(findCoilAnswer(join(reading, request, reading), request)).toEqual({ kind: 'confirmed' });
  });

  it('names an exception of the same unit', () => {
    expect(findCoilAnswer(exception(1, 2), request)).toEqual({
      kind: 'exception',
      code: 2,
      name: 'illegal data address',
    });
  });

  it('keeps apart an answer to another write, until the right one comes', () => {
    const other = coilWriteFrame(1, 3, false);
    expect(findCoilAnswer(other, request)).toEqual({ kind: 'other', frame: other });
    expect(findCoilAnswer(join(other, request), request)).toEqual({ kind: 'confirmed' });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['the echo of another unit', coilWriteFrame(2, 3, true)],
    ['an exception of another unit', exception(2, 2)],
    ['a reading', bytesOf('01 03 02 00 F5 78 03')],
    ['half an echo', request.subarray(0, 5)],
    ['an exception with a wrong checksum', bytesOf('01 85 02 00 00')],
  ])('finds no answer in %s', (_, bytes) => {
    expect(findCoilAnswer(bytes, request)).toBeUndefined();
  });

  it('is confirmed by no echo with one bit changed', () => {
    fc.assert(
      fc.property(write, fc.integer({ min: 0, max: 63 }), ({ unit, address, on }, bit) => {
        const frame = coilWriteFrame(unit, address, on);
        const changed = frame.map((byte, at) => (at === bit >>> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(findCoilAnswer(changed, frame)?.kind).not.toBe('confirmed');
      }),
    );
  });

  it('is confirmed in any bytes only by the whole frame', () => {
    fc.assert(
      fc.property(write, fc.uint8Array({ maxLength: 64 }), ({ unit, address, on }, noise) => {
        const frame = coilWriteFrame(unit, address, on);
        const held = formatHex(noise).includes(formatHex(frame));
        expect(findCoilAnswer(noise, frame)?.kind === 'confirmed').toBe(held);
      }),
    );
  });
});
