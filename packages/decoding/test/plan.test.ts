import type { Frame } from '@furrow/contracts';
import { describe, expect, it } from 'vitest';
import { compilePlan, type FrameReadings, formatHex } from '../src/index.ts';
import { factor, rtuHex, withCrc } from './registers.ts';

const TEMPERATURE = factor({ data_factor: 0.1 }, 'd-1-1-00');
const PRESSURE = factor(
  { data_type: 'uint32', data_index: 1, data_factor: 0.01, the_type: 'pres' },
  'd-1-1-01',
);
const OFF = factor({ address: 3, enabled: false, the_type: 'wind' }, 'd-1-1-30');
const OTHER_UNIT = factor({ unit: 2 }, 'd-1-2-00');
const COIL = factor({ modbus_type: 'coil', data_type: 'bool', address: 10, the_type: 'pump' }, 'd-1-1-100');

const plan = compilePlan([TEMPERATURE, PRESSURE, OFF, OTHER_UNIT, COIL]);

function frame(part: Partial<Frame>): Frame {
  return { unit: 1, modbus_type: 'holding', address: 0, framing: 'registers', hex: '00F3', ...part };
}

function values(readings: FrameReadings): unknown {
  if (!readings.ok) return readings.reason;
  return readings.readings.map(({ factor: { agri_id }, result }) => [
    agri_id,
    result.ok ? result.value : result.reason,
  ]);
}

describe('compilePlan', () => {
  it('finds factors by their label, enabled or not', () => {
    expect(plan.problems).toEqual([]);
    expect(plan.find('d-1-1-00')?.factor).toBe(TEMPERATURE);
    expect(plan.find('d-1-1-30')?.factor.enabled).toBe(false);
    expect(plan.find('d-1-1-0')).toBeUndefined();
    expect(plan.find('constructor')).toBeUndefined();
  });

  it('names a wrong definition and spoils no other factor', () => {
    const wrong = { ...PRESSURE, data_factor: Number.NaN, address: 70_000 };
    const mixed = compilePlan([wrong, TEMPERATURE]);
    expect(mixed.problems).toHaveLength(1);
    expect(mixed.problems[0]).toMatchObject({ agriId: 'd-1-1-01' });
    expect(mixed.problems[0]?.message).toMatch(/address.*data_factor/);
    expect(mixed.find('d-1-1-01')?.fromReading(5, false)).toMatchObject({
      ok: false,
      reason: 'decode_failed',
    });
    expect(mixed.find('d-1-1-01')?.fromRaw('00000000')).toMatchObject({ ok: false, reason: 'decode_failed' });
    expect(values(mixed.decodeFrame(frame({})))).toEqual([['d-1-1-00', 24.3]]);
  });

  it('answers for a wrongly defined factor inside a frame', () => {
    const wrong = { ...TEMPERATURE, data_factor: 0 };
    expect(values(compilePlan([wrong]).decodeFrame(frame({})))).toEqual([['d-1-1-00', 'decode_failed']]);
  });

  it('lets the first of two factors with one label count', () => {
    const double = compilePlan([TEMPERATURE, { ...PRESSURE, agri_id: TEMPERATURE.agri_id }]);
    expect(double.problems).toMatchObject([
      { agriId: 'd-1-1-00', message: expect.stringContaining('same agri_id') },
    ]);
    expect(double.find('d-1-1-00')?.factor).toBe(TEMPERATURE);
  });

  it('has no factors to find when there are none', () => {
    expect(compilePlan([]).decodeFrame(frame({}))).toMatchObject({ ok: false, reason: 'frame_unmatched' });
  });
});

describe('Plan.warnings', () => {
  const warned = (...definitions: Parameters<typeof factor>[0][]): unknown[] =>
    compilePlan(definitions.map((definition, at) => factor(definition, `d-1-${at}`))).warnings.map(
      ({ agriId, message }) => `${agriId} ${message}`,
    );

  it('name factors that read the same bits', () => {
    expect(warned({ data_type: 'int32' }, { data_index: 1 }, { data_index: 2 })).toEqual([
      'd-1-1 it reads bits that d-1-0 reads as another value',
    ]);
    expect(warned({ data_type: 'bit', bit: 3 }, { data_type: 'bit', bit: 3 })).toHaveLength(1);
    expect(
      warned({ data_type: 'int24', data_endian: 'CDAB' }, { data_type: 'uint8l', data_index: 1 }),
    ).toHaveLength(1);
  });

  it('let halves and bits of one register stand side by side', () => {
    expect(
      warned(
        { data_type: 'int8h' },
        { data_type: 'int8h', data_endian: 'BADC' },
        { data_type: 'bit', bit: 3, address: 1 },
        { data_type: 'bit', bit: 4, address: 1 },
        { data_type: 'string_high', length: 2, address: 2 },
        { data_type: 'string_low', length: 2, address: 2 },
        { data_type: 'int24', address: 4 },
        { data_type: 'uint8h', address: 4 },
        { modbus_type: 'input' },
        { modbus_type: 'coil', data_type: 'bool' },
        { unit: 2 },
      ),
    ).toEqual([]);
  });

  it('doubt that all bytes of a number are reversed', () => {
    expect(warned({ data_type: 'float', data_endian: 'little' })).toEqual([expect.stringContaining('CDAB')]);
    expect(
      warned(
        { data_endian: 'little' },
        { data_type: 'string', length: 2, data_endian: 'little', address: 5 },
      ),
    ).toEqual([]);
  });

  it('name sentinels and labels that the type cannot have', () => {
    expect(warned({ sentinels: [65535, -1], labels: { '40000': 'x', '3': 'y' } })).toEqual([
      'd-1-0 the sentinel 65535 never occurs: a raw int16 is from -32768 to 32767',
      'd-1-0 the label 40000 never occurs: a raw int16 is from -32768 to 32767',
    ]);
    expect(warned({ data_type: 'string', length: 1, sentinels: [65535] })).toEqual([]);
  });
});

describe('Plan.block', () => {
  it('decodes all factors inside at once', () => {
    const block = plan.block(1, 'holding', 0, 3);
    const values = new Float64Array(block.factors.length);
    const data = new DataView(Uint8Array.of(9, 0x00, 0xf3, 0x00, 0x01, 0x86, 0x9f).buffer);
    expect(block.factors).toEqual([TEMPERATURE, PRESSURE]);
    expect(block.disabled).toBe(0);
    expect(block.decodeValues(data, 1, values)).toBe(0);
    expect([...values]).toEqual([24.3, 999.99]);
    expect(block.decode(data, 1).map(({ result }) => result)).toEqual([
      { ok: true, value: 24.3 },
      { ok: true, value: 999.99 },
    ]);
  });

  it('gives NaN for what there is more to say of', () => {
    const mixed = compilePlan([
      factor({ data_type: 'bcd16' }, 'd-1-0'),
      factor({ labels: { '1': 'open' } }, 'd-1-1'),
      factor({ data_type: 'float', labels: { '1': 'open' } }, 'd-1-2'),
      factor({ data_type: 'string', length: 1 }, 'd-1-3'),
      factor({ max: -1 }, 'd-1-4'),
      factor({ data_type: 'uint16', max: 0 }, 'd-1-5'),
      factor({ data_type: 'int32', max: 0 }, 'd-1-6'),
      factor({ data_type: 'uint32', max: 0 }, 'd-1-7'),
      factor({ data_type: 'float', max: 0 }, 'd-1-8'),
      { ...factor({}, 'd-1-9'), data_factor: 0 },
      factor({ polynomial: [1] }, 'd-1-11'),
      factor({}, 'd-1-12'),
    ]);
    const block = mixed.block(1, 'holding', 0, 2);
    const values = new Float64Array(block.factors.length);
    const data = new DataView(Uint8Array.of(0x3f, 0x80, 0, 0).buffer);
    expect(block.decodeValues(data, 0, values)).toBe(11);
    expect([...values.subarray(0, -1)].every(Number.isNaN)).toBe(true);
    expect(block.decode(data, 0).map(({ result }) => (result.ok ? result.value : result.reason))).toEqual([
      'decode_failed',
      16256,
      1,
      'decode_failed',
      'out_of_range',
      'out_of_range',
      'out_of_range',
      'out_of_range',
      'out_of_range',
      'decode_failed',
      1,
      16256,
    ]);
  });

  it('decodes bits', () => {
    const block = plan.block(1, 'coil', 8, 8);
    const values = new Float64Array(1);
    block.decodeValues(new DataView(Uint8Array.of(0xff, 0x04).buffer), 1, values);
    expect(values[0]).toBe(1);
  });

  it('remembers layouts, and not without end', () => {
    const first = plan.block(1, 'holding', 0, 3);
    expect(plan.block(1, 'holding', 0, 3)).toBe(first);
    plan.block(1, 'holding', 0, 2);
    expect(plan.block(1, 'holding', 0, 3)).toBe(first);
    for (let address = 0; address < 100; address++) plan.block(1, 'input', address, 1);
    expect(plan.block(1, 'holding', 0, 3)).not.toBe(first);
  });
});

describe('Plan.decodeFrame', () => {
  it.each<[string, Partial<Frame>, unknown]>([
    ['one register', {}, [['d-1-1-00', 24.3]]],
    ['a factor only when all of it was read', { hex: '00F30001' }, [['d-1-1-00', 24.3]]],
    [
      'all that was read',
      { hex: '00F30001869F' },
      [
        ['d-1-1-00', 24.3],
        ['d-1-1-01', 999.99],
      ],
    ],
    ['a read that begins later', { address: 1, hex: '0001869F' }, [['d-1-1-01', 999.99]]],
    ['another unit', { unit: 2 }, [['d-1-2-00', 243]]],
    ['an RTU frame', { framing: 'rtu', hex: rtuHex(1, 3, [0x00, 0xf3]) }, [['d-1-1-00', 24.3]]],
    ['a TCP frame', { framing: 'tcp', hex: '00010000000501030200F3' }, [['d-1-1-00', 24.3]]],
    ['a PDU', { framing: 'pdu', hex: '030200F3' }, [['d-1-1-00', 24.3]]],
    ['a coil', { modbus_type: 'coil', address: 8, hex: '04' }, [['d-1-1-100', 1]]],
    ['a coil that is off', { modbus_type: 'coil', address: 8, hex: 'FB' }, [['d-1-1-100', 0]]],
    [
      'coils in a frame',
      { modbus_type: 'coil', address: 10, framing: 'rtu', hex: rtuHex(1, 1, [1]) },
      [['d-1-1-100', 1]],
    ],
  ])('decodes %s', (_, part, expected) => {
    expect(values(plan.decodeFrame(frame(part)))).toEqual(expected);
  });

  it.each<[string, Partial<Frame>, string]>([
    ['no factor inside', { address: 100 }, 'frame_unmatched'],
    ['half of a factor', { address: 2 }, 'frame_unmatched'],
    ['another table', { modbus_type: 'input' }, 'frame_unmatched'],
    ['only factors that are off', { address: 3 }, 'factor_disabled'],
    ['an answer of another unit', { framing: 'rtu', hex: rtuHex(2, 3, [0, 1]) }, 'frame_unmatched'],
    ['an answer to another function', { framing: 'rtu', hex: rtuHex(1, 4, [0, 1]) }, 'frame_unmatched'],
    ['bits for registers', { framing: 'rtu', hex: rtuHex(1, 1, [0, 1]) }, 'frame_unmatched'],
    ['a wrong checksum', { framing: 'rtu', hex: '01030200F30000' }, 'frame_crc'],
    ['an odd byte', { hex: '00F300' }, 'frame_malformed'],
    ['what is no hex', { hex: '0x' }, 'frame_malformed'],
    ['an exception', { framing: 'pdu', hex: '8302' }, 'frame_exception'],
    ['a write answer', { framing: 'pdu', hex: '0600010003' }, 'frame_function'],
  ])('refuses %s', (_, part, reason) => {
    expect(values(plan.decodeFrame(frame(part)))).toBe(reason);
  });

  describe('among other bytes', () => {
    const answer = rtuHex(1, 3, [0x00, 0xf3]);
    const request = (unit: number, code: number, address: number, count: number): string =>
      formatHex(withCrc([unit, code, address >> 8, address & 0xff, count >> 8, count & 0xff]));
    const decode = (hex: string, part: Partial<Frame> = {}): FrameReadings =>
      plan.decodeFrame(frame({ framing: 'rtu', hex, ...part }));

    it.each<[string, string]>([
      ['text', `${formatHex(new TextEncoder().encode('+ERROR: 7'))}${answer}`],
      ['noise', `${answer}00`],
      ['the same answer again', answer + answer],
      ['an answer of another unit', rtuHex(2, 3, [0, 1]) + answer],
      ['an answer to another function', answer + rtuHex(1, 4, [0, 1])],
      ['the echo of the request', request(1, 3, 0, 1) + answer],
    ])('finds the answer beside %s', (_, hex) => {
      expect(values(decode(hex))).toEqual([['d-1-1-00', 24.3]]);
    });

    it('says what it left out', () => {
      expect(decode(answer)).toMatchObject({ skipped: [] });
      expect(decode(`${answer}00FF`)).toMatchObject({ skipped: ['noise of 2 bytes (00FF)'] });
    });

    it.each<[string, string, string]>([
      ['two different answers', answer + rtuHex(1, 3, [0, 1]), 'frame_malformed'],
      ['an answer and an exception', `${answer}018302C0F1`, 'frame_malformed'],
      ['the echo of a request for other registers', request(1, 3, 7, 1) + answer, 'frame_unmatched'],
      ['the echo of a request for more registers', request(1, 3, 0, 2) + answer, 'frame_malformed'],
      ['answers of two other units', rtuHex(2, 3, [0, 1]) + rtuHex(3, 3, [0, 1]), 'frame_unmatched'],
      ['only the request', request(1, 3, 0, 1), 'frame_malformed'],
      ['nothing but text', formatHex(new TextEncoder().encode('ping')), 'frame_malformed'],
    ])('refuses %s', (_, hex, reason) => {
      expect(values(decode(hex))).toBe(reason);
    });

    it('counts the bits that the echoed request asks for, and no padding', () => {
      const coils = { modbus_type: 'coil', address: 8 } as const;
      const bits = rtuHex(1, 1, [0xff]);
      expect(values(decode(request(1, 1, 8, 3) + bits, coils))).toEqual([['d-1-1-100', 1]]);
      expect(values(decode(request(1, 1, 8, 2) + bits, coils))).toBe('frame_unmatched');
    });

    it('refuses more bytes than an uplink may carry', () => {
      expect(values(decode('00'.repeat(3000)))).toBe('frame_malformed');
    });
  });

  it('names the exception', () => {
    expect(plan.decodeFrame(frame({ framing: 'pdu', hex: '8302' }))).toMatchObject({
      message: 'exception 2: illegal data address',
    });
  });
});
