import type { Frame } from '@furrow/contracts';
import { describe, expect, it } from 'vitest';
import { compilePlan, type FrameReadings } from '../src/index.ts';
import { factor, rtuHex } from './registers.ts';

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

  it('names the exception', () => {
    expect(plan.decodeFrame(frame({ framing: 'pdu', hex: '8302' }))).toMatchObject({
      message: 'exception 2: illegal data address',
    });
  });
});
