import type { FactorDefinitionInput } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePlan, type Decoded } from '../src/index.ts';
import { nearestDouble } from './rational.ts';
import { factor } from './registers.ts';

/** The options of a factor, seen through a raw reading of a holding int16. */
function convert(raw: number | string, options: Partial<FactorDefinitionInput>): Decoded | undefined {
  const only = factor(options);
  return compilePlan([only]).find(only.agri_id)?.fromReading(raw, false);
}

const value = (raw: number | string, options: Partial<FactorDefinitionInput>): unknown => {
  const result = convert(raw, options);
  return result?.ok ? result.value : result?.reason;
};

describe('order', () => {
  it('adds the delta first when told so', () => {
    const options = { data_factor: 0.1, data_delta: -40 };
    expect(value(243, options)).toBe(-15.7);
    expect(value(243, { ...options, order: 'factor_first' })).toBe(-15.7);
    expect(value(243, { ...options, order: 'delta_first' })).toBe(20.3);
    expect(value(3, { data_factor: 0.1, data_delta: 0.1, order: 'delta_first' })).toBe(0.31);
  });
});

describe('sentinels', () => {
  const options = { sentinels: [-32768, '32767', 1.5], data_factor: 0.1 };

  it.each([-32768, 32767, '-32768', '3.2767e4'])('make %j no reading', (raw) => {
    expect(value(raw, options)).toBe('no_reading');
    expect(value(raw, { ...options, data_factor: 1 })).toBe('no_reading');
  });

  it('leave other readings alone', () => {
    expect(value(32766, options)).toBe(3276.6);
    expect(value(32766, { sentinels: [] })).toBe(32766);
  });

  it('hold for fractions and for whole numbers beyond 2^53', () => {
    expect(value(1.5, { sentinels: [1.5] })).toBe('no_reading');
    expect(value(1.5, { data_type: 'float', sentinels: [1.5], data_factor: 2 })).toBe('no_reading');
    expect(value('18446744073709551615', { data_type: 'uint64', sentinels: ['18446744073709551615'] })).toBe(
      'no_reading',
    );
    expect(value('18446744073709551614', { data_type: 'uint64', sentinels: ['18446744073709551615'] })).toBe(
      2 ** 64,
    );
  });

  it('say nothing about values that were scaled already', () => {
    const only = factor(options);
    expect(compilePlan([only]).find(only.agri_id)?.fromReading(32767, true)).toEqual({
      ok: true,
      value: 32767,
    });
  });
});

describe('lookup', () => {
  // A 10 kΩ thermistor as its table stands in data sheets: ohms to °C, here in kΩ from raw ohms.
  const thermistor = {
    data_factor: 0.001,
    lookup: [
      [6.53, 35],
      [8.06, 30],
      [10, 25],
      [12.49, 20],
    ],
  } satisfies Partial<FactorDefinitionInput>;

  it.each([
    [10000, 25],
    [6530, 35],
    [12490, 20],
    [8060, 30],
    [11245, 22.5],
    [9030, 27.5],
  ])('puts %d on the line between two points', (raw, expected) => {
    expect(value(raw, thermistor)).toBe(expected);
  });

  it.each([6529, 12491, 0])('has nothing for %d outside the table', (raw) => {
    expect(value(raw, thermistor)).toBe('out_of_range');
  });

  it('is nearest to the exact fraction', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), (raw) => {
        expect(
          value(raw, {
            lookup: [
              [0, 1],
              [7, 2],
            ],
          }),
        ).toBe(nearestDouble(7n + BigInt(raw), 7n));
      }),
    );
  });
});

describe('polynomial', () => {
  it.each([
    [[5], 3, 5],
    [[0, 1], 3, 3],
    [[1, 2, 3], 3, 34],
    [[0.1, 0.2, 0, 0, 0, 0.1], 3, 25],
    [[-273.15, 0.5], -2, -274.15],
  ])('%j at %d is %d', (polynomial, raw, expected) => {
    expect(value(raw, { polynomial })).toBe(expected);
  });

  it('takes the scaled number', () => {
    expect(value(30, { data_factor: 0.1, data_delta: 1, polynomial: [0, 0, 1] })).toBe(16);
  });

  it('is nearest to the exact result', () => {
    const coefficient = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: -32768, max: 32767 }),
        fc.array(coefficient, { minLength: 1, maxLength: 6 }),
        (raw, digits) => {
          const exact = digits.reduce(
            (sum, digit, power) => sum + BigInt(digit) * BigInt(raw) ** BigInt(power),
            0n,
          );
          expect(value(raw, { polynomial: digits.map((digit) => digit / 1000) })).toBe(
            nearestDouble(exact, 1000n),
          );
        },
      ),
    );
  });

  it('is not_finite beyond the doubles', () => {
    expect(value('1e300', { data_type: 'double', polynomial: [0, 0, -1] })).toBe('not_finite');
  });

  it('reaches the smallest doubles', () => {
    expect(value('1e-160', { data_type: 'double', polynomial: [0, 0, 1] })).toBe(1e-320);
    expect(value('1e-170', { data_type: 'double', polynomial: [0, 0, 1] })).toBe(0);
  });
});

describe('decimals', () => {
  it.each([
    [125, 0.01, 1, 1.3],
    [-125, 0.01, 1, -1.3],
    [124, 0.01, 1, 1.2],
    [5, 0.1, 0, 1],
    [-5, 0.1, 0, -1],
    [-4, 0.1, 0, 0],
    [32767, 1e9, 2, 32767000000000],
    [3, 0.1, 12, 0.3],
  ])('rounds %d × %d to %d decimals', (raw, data_factor, decimals, expected) => {
    expect(value(raw, { data_factor, decimals })).toBe(expected);
  });

  it('rounds halves away from zero, by the exact result', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -32768, max: 32767 }),
        fc.integer({ min: 0, max: 4 }),
        (raw, decimals) => {
          const unit = 10n ** BigInt(4 - decimals);
          const size = (BigInt(Math.abs(raw)) * 2n + unit) / (unit * 2n);
          const expected = nearestDouble(raw < 0 ? -size : size, 10n ** BigInt(decimals));
          expect(value(raw, { data_factor: 0.0001, decimals })).toBe(expected);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('rounds values that were scaled already', () => {
    const only = factor({ decimals: 1 });
    expect(compilePlan([only]).find(only.agri_id)?.fromReading(21.25, true)).toEqual({
      ok: true,
      value: 21.3,
    });
  });
});

describe('min and max', () => {
  const range = { data_factor: 0.1, min: -40, max: 85 };

  it.each([
    [-400, -40],
    [850, 85],
    [0, 0],
    [-401, 'out_of_range'],
    [851, 'out_of_range'],
  ])('%d is %s', (raw, expected) => {
    expect(value(raw, range)).toBe(expected);
    expect(value(raw, { ...range, decimals: 1 })).toBe(expected);
  });

  it.each([
    [-401, -40],
    [851, 85],
    [240, 24],
  ])('%d is clamped to %d', (raw, expected) => {
    expect(value(raw, { ...range, out_of_range: 'clamp' })).toBe(expected);
  });

  it('clamps to the one end there is, and never to negative zero', () => {
    expect(value(-5, { min: -0, out_of_range: 'clamp' })).toBe(0);
    expect(value(5, { max: 3, out_of_range: 'clamp' })).toBe(3);
  });

  it('names the end that was passed', () => {
    expect(convert(851, range)).toMatchObject({
      message: '85.1 is above 85, the plausible range of the factor',
    });
    expect(convert(-401, range)).toMatchObject({
      message: '-40.1 is below -40, the plausible range of the factor',
    });
  });

  it.each([
    [99, 'out_of_range'],
    [20, 20],
  ])('hold for the value %d that was scaled already', (reading, expected) => {
    const only = factor(range);
    const result = compilePlan([only]).find(only.agri_id)?.fromReading(reading, true);
    expect(result?.ok ? result.value : result?.reason).toBe(expected);
  });

  it('clamp a scaled value', () => {
    const only = factor({ ...range, out_of_range: 'clamp' });
    expect(compilePlan([only]).find(only.agri_id)?.fromReading('99', true)).toEqual({ ok: true, value: 85 });
  });
});

describe('labels', () => {
  const valve = { labels: { '0': 'closed', '1': 'open', '-1': 'fault' } };

  it.each([
    [0, 'closed'],
    [-1, 'fault'],
    ['1', 'open'],
  ])('stand beside the number %s', (raw, label) => {
    expect(convert(raw, valve)).toEqual({ ok: true, value: Number(raw), label });
  });

  it('are told from registers, for floats, bits and scaled numbers too', () => {
    const read = (options: Partial<FactorDefinitionInput>, hex: string): unknown => {
      const only = factor({ ...valve, ...options });
      return compilePlan([only]).find(only.agri_id)?.fromRaw(hex);
    };
    expect(read({}, 'FFFF')).toEqual({ ok: true, value: -1, label: 'fault' });
    expect(read({ data_factor: 10 }, '0001')).toEqual({ ok: true, value: 10, label: 'open' });
    expect(read({ data_type: 'bit', bit: 1 }, '0002')).toEqual({ ok: true, value: 1, label: 'open' });
    expect(read({ data_type: 'float' }, '3F800000')).toEqual({ ok: true, value: 1, label: 'open' });
    expect(read({ data_type: 'uint64', labels: { '18446744073709551615': 'none' } }, 'F'.repeat(16))).toEqual(
      {
        ok: true,
        value: 2 ** 64,
        inexact: true,
        label: 'none',
      },
    );
  });

  it('leave numbers without one as they are', () => {
    expect(convert(7, valve)).toEqual({ ok: true, value: 7 });
    expect(convert(1, { ...valve, polynomial: [0, 2] })).toEqual({ ok: true, value: 2, label: 'open' });
  });
});
