import { FRAMINGS } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, exceptionName, parseHex, parseModbusFrame, registersOf } from '../src/index.ts';
import { rtuAnswer, withCrc } from './registers.ts';

const bytes = (hex: string): Uint8Array => parseHex(hex) ?? new Uint8Array(0);

describe('parseModbusFrame', () => {
  it('reads an RTU answer of registers', () => {
    expect(parseModbusFrame(bytes('0103060292FF9B03E8D80F'), 'rtu')).toEqual({
      ok: true,
      kind: 'registers',
      unit: 1,
      function: 3,
      data: bytes('0292FF9B03E8'),
    });
  });

  it.each([
    // Modbus application protocol specification 1.1b3: the examples of sections 6.1 to 6.4.
    ['6.1 read coils', '0103CD6B05', 'bits', 1, 'CD6B05'],
    ['6.2 read discrete inputs', '0203ACDB35', 'bits', 2, 'ACDB35'],
    ['6.3 read holding registers', '0306022B00000064', 'registers', 3, '022B00000064'],
    ['6.4 read input registers', '0402000A', 'registers', 4, '000A'],
  ])('reads the PDU of example %s', (_, hex, kind, code, data) => {
    expect(parseModbusFrame(bytes(hex), 'pdu')).toEqual({
      ok: true,
      kind,
      unit: undefined,
      function: code,
      data: bytes(data),
    });
  });

  it('reads a TCP answer by its header', () => {
    expect(parseModbusFrame(bytes('000100000007110304000A0102'), 'tcp')).toMatchObject({
      ok: true,
      unit: 0x11,
      function: 3,
      data: bytes('000A0102'),
    });
  });

  it('takes data bytes alone as what the caller says', () => {
    expect(parseModbusFrame(bytes('0001'), 'registers')).toMatchObject({ ok: true, kind: 'registers' });
    expect(parseModbusFrame(bytes('01'), 'registers', 'bits')).toMatchObject({ ok: true, kind: 'bits' });
  });

  it.each([
    [
      'an exception',
      'rtu',
      '018302C0F1',
      { reason: 'frame_exception', unit: 1, function: 3, exceptionCode: 2, message: 'illegal data address' },
    ],
    [
      'an exception over TCP',
      'tcp',
      '00010000000301840A',
      { reason: 'frame_exception', function: 4, exceptionCode: 10 },
    ],
    ['an exception without its code', 'pdu', '83', { reason: 'frame_malformed', function: 3 }],
    [
      'the answer to a write of one register',
      'rtu',
      '010600010003980B',
      { reason: 'frame_function', function: 6 },
    ],
    ['the answer to a write of registers', 'pdu', '1000010002', { reason: 'frame_function', function: 16 }],
    ['a write answer cut short', 'pdu', '10000100', { reason: 'frame_malformed' }],
    ['another function', 'pdu', '2B0E01', { reason: 'frame_function', function: 0x2b }],
    [
      'a wrong checksum',
      'rtu',
      '01030440C3529362C8',
      { reason: 'frame_crc', message: 'the frame carries CRC 62C8, its bytes give 62C2' },
    ],
    ['a short frame', 'rtu', '0103060292FF9B03', { reason: 'frame_malformed', unit: 1, function: 3 }],
    ['a long frame', 'rtu', '0103020292FF9B03E8D80F', { reason: 'frame_malformed' }],
    ['too few bytes for RTU', 'rtu', '010300', { reason: 'frame_malformed' }],
    ['no bytes', 'rtu', '', { reason: 'frame_malformed' }],
    ['no PDU', 'pdu', '', { reason: 'frame_malformed' }],
    ['no registers', 'registers', '', { reason: 'frame_malformed' }],
    ['an odd number of register bytes', 'pdu', '0303000102', { reason: 'frame_malformed', function: 3 }],
    ['no data bytes', 'pdu', '0300', { reason: 'frame_malformed' }],
    ['a TCP header cut short', 'tcp', '0001000000', { reason: 'frame_malformed' }],
    ['another protocol', 'tcp', '000100010007110304000A0102', { reason: 'frame_malformed' }],
    ['a TCP length that is too large', 'tcp', '000100000008110304000A0102', { reason: 'frame_malformed' }],
  ] as const)('refuses %s', (_, framing, hex, failure) => {
    expect(parseModbusFrame(bytes(hex), framing)).toMatchObject({ ok: false, ...failure });
  });

  it('refuses more bytes than a frame can have', () => {
    expect(parseModbusFrame(new Uint8Array(257), 'rtu')).toMatchObject({ reason: 'frame_malformed' });
    expect(parseModbusFrame(new Uint8Array(252), 'registers')).toMatchObject({ reason: 'frame_malformed' });
    expect(parseModbusFrame(Uint8Array.of(3, 252, ...new Uint8Array(252)), 'pdu')).toMatchObject({
      reason: 'frame_malformed',
    });
  });

  it('refuses every RTU frame with one byte changed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (unit, half, place, change) => {
          const frame = rtuAnswer(unit, 3, [...half, ...half]);
          const at = place % frame.length;
          frame[at] = (frame[at] ?? 0) ^ change;
          const parsed = parseModbusFrame(frame, 'rtu');
          expect(parsed).toMatchObject({ ok: false });
          expect(['frame_crc', 'frame_malformed']).toContain(parsed.ok ? '' : parsed.reason);
        },
      ),
    );
  });

  it('refuses every RTU frame that was cut or lengthened, whatever its checksum', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.uint8Array({ minLength: 1, maxLength: 9 }),
        fc.nat(),
        (half, tail, cut) => {
          const frame = rtuAnswer(1, 4, [...half, ...half]);
          const body = [...frame.subarray(0, -2)];
          const longer = parseModbusFrame(withCrc([...body, ...tail]), 'rtu');
          expect(longer).toMatchObject({ ok: false, reason: 'frame_malformed' });
          const kept = 3 + (cut % (body.length - 3));
          expect(parseModbusFrame(withCrc(body.slice(0, kept)), 'rtu')).toMatchObject({
            ok: false,
            reason: 'frame_malformed',
          });
        },
      ),
    );
  });

  it('gives a result for any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(...FRAMINGS),
        fc.boolean(),
        (any, framing, crc) => {
          const parsed = parseModbusFrame(crc ? withCrc(any) : any, framing);
          if (parsed.ok) {
            expect(parsed.data.length).toBeGreaterThan(0);
            expect(parsed.kind === 'bits' || parsed.data.length % 2 === 0).toBe(true);
          } else {
            expect(parsed.message).not.toBe('');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('exceptionName', () => {
  it('says what it does not know', () => {
    expect(exceptionName(11)).toBe('gateway target device failed to respond');
    expect(exceptionName(99)).toContain('99');
  });
});

describe('registersOf', () => {
  it('reads data bytes two by two', () => {
    expect(registersOf(bytes('022B0000FFFF'))).toEqual([0x22b, 0, 0xffff]);
  });
});

describe('bitsOf', () => {
  it('begins with the least significant bit of the first byte', () => {
    // Specification 1.1b3, section 6.1: coils 27 to 20 are CD, coil 20 its least significant bit.
    expect(bitsOf(bytes('CD')).map(Number)).toEqual([1, 0, 1, 1, 0, 0, 1, 1]);
    expect(bitsOf(bytes('0001'))).toHaveLength(16);
  });
});
