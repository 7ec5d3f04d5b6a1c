import { DATA_TYPES, type DataType, type Frame } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePlan } from '../src/index.ts';
import { factor, rtuHex } from './registers.ts';

/** Factors of every type and option side by side, twelve registers apart, and a wrong one at the end. */
const NUMBERED = (Object.keys(DATA_TYPES) as DataType[]).filter((type) => type !== 'bool');
const FACTORS = [
  ...NUMBERED.map((data_type, index) =>
    factor(
      {
        data_type,
        address: index * 12,
        data_factor: 0.1,
        ...(DATA_TYPES[data_type].registers === 'length' && { length: 2 }),
        ...(data_type === 'bit' && { bit: 3 }),
      },
      `d-1-1-${index}`,
    ),
  ),
  factor({ address: 500 }, 'd-identity'),
  factor({ address: 501, decimals: 1, data_factor: 0.01 }, 'd-decimals'),
  factor({ address: 502, min: -5, max: 5 }, 'd-range'),
  factor({ address: 503, labels: { '1': 'open' } }, 'd-labels'),
  factor({ address: 504, sentinels: [-1, 32_767] }, 'd-sentinels'),
  factor({ address: 505, polynomial: [1, 2] }, 'd-polynomial'),
  factor({ address: 506, data_factor: -0.1 }, 'd-negative'),
  factor({ modbus_type: 'coil', data_type: 'bool', address: 7 }, 'd-coil'),
  { ...factor({ address: 600 }, 'd-wrong'), data_factor: 0 },
];
const plan = compilePlan(FACTORS);

describe('PlannedFactor.plainReading', () => {
  it('is the value of fromReading, or NaN', () => {
    const reading = fc.oneof(
      fc.integer({ min: -70_000, max: 70_000 }),
      fc.integer({ min: -3, max: 3 }),
      fc.double(),
      fc.maxSafeInteger(),
    );
    let plain = 0;
    fc.assert(
      fc.property(fc.constantFrom(...FACTORS), reading, fc.boolean(), ({ agri_id }, number, scaled) => {
        const planned = plan.find(agri_id);
        const value = planned?.plainReading(number, scaled) ?? Number.NaN;
        if (Number.isFinite(value)) {
          plain += 1;
          expect(planned?.fromReading(number, scaled)).toEqual({ ok: true, value });
        }
      }),
      { numRuns: 5000 },
    );
    expect(plain).toBeGreaterThan(500);
  });
});

describe('Plan.decodePlainFrame', () => {
  const simple = compilePlan([
    factor({ data_factor: 0.1 }),
    factor({ data_index: 1, data_type: 'float' }, 'd-float'),
  ]);
  const frame = (part: Partial<Frame>): Frame => ({
    unit: 1,
    modbus_type: 'holding',
    address: 0,
    framing: 'registers',
    hex: '00F341AD999A',
    ...part,
  });

  it('gives the values of a frame that is one answer', () => {
    const read = simple.decodePlainFrame(frame({}));
    expect(read?.factors.map(({ agri_id }, index) => [agri_id, read.values[index]])).toEqual([
      ['d-1000-abcd-1-00', 24.3],
      ['d-float', 21.7],
    ]);
  });

  it.each([
    ['hex that is none', { hex: 'zz' }],
    ['a frame that is malformed', { framing: 'rtu' }],
    ['another unit', { framing: 'rtu', hex: rtuHex(2, 3, [0, 0xf3, 0x41, 0xad, 0x99, 0x9a]) }],
    ['another function', { framing: 'rtu', hex: rtuHex(1, 4, [0, 0xf3, 0x41, 0xad, 0x99, 0x9a]) }],
    ['no factor inside', { address: 40 }],
    ['a value that is not plain', { hex: '00F37FC00000' }],
  ] satisfies [string, Partial<Frame>][])('leaves %s to decodeFrame', (_name, part) => {
    expect(simple.decodePlainFrame(frame(part))).toBeUndefined();
  });

  it('has room for as many factors as a read of bits brings', () => {
    const coils = Array.from({ length: 300 }, (_, index) =>
      factor({ modbus_type: 'coil', data_type: 'bool', data_index: index }, `d-coil-${index}`),
    );
    const read = compilePlan(coils).decodePlainFrame(frame({ modbus_type: 'coil', hex: 'ff'.repeat(38) }));
    expect(read?.factors).toHaveLength(300);
    expect([...(read?.values.subarray(0, 300) ?? [])]).toEqual(Array(300).fill(1));
  });

  it('is what decodeFrame says, or nothing', () => {
    let plain = 0;
    const address = fc.constantFrom(...FACTORS.map((one) => one.address));
    fc.assert(
      fc.property(
        address,
        fc.uint8Array({ minLength: 2, maxLength: 20 }),
        fc.constantFrom('holding', 'coil'),
        (at, bytes, table) => {
          const read: Frame = frame({
            address: at,
            hex: Buffer.from(bytes).toString('hex'),
            modbus_type: table as Frame['modbus_type'],
          });
          const values = plan.decodePlainFrame(read);
          if (values === undefined) return;
          plain += 1;
          const readings = values.factors.map((found, index) => ({
            factor: found,
            result: { ok: true, value: values.values[index] },
          }));
          expect(plan.decodeFrame(read)).toEqual({ ok: true, readings, skipped: [] });
        },
      ),
      { numRuns: 3000 },
    );
    expect(plain).toBeGreaterThan(300);
  });
});
