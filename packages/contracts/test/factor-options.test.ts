import { describe, expect, it } from 'vitest';
import { DATA_TYPES, type DataType, factorDefinitionSchema, factorWidth, isText } from '../src/index.ts';

const parse = (options: Record<string, unknown>) =>
  factorDefinitionSchema.safeParse({
    unit: 1,
    address: 0,
    modbus_type: 'holding',
    data_type: 'int16',
    the_type: 'temp',
    ...options,
  });

const brokenRule = (options: Record<string, unknown>): string => {
  const parsed = parse(options);
  return parsed.success
    ? 'none'
    : `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`;
};

describe('factorOptionShape', () => {
  it.each([
    { data_type: 'bit', bit: 15 },
    { data_type: 'string', length: 125 },
    { data_type: 'STRING_HIGH', length: 1 },
    { data_type: 'double', data_index: 121 },
    { order: 'delta_first' },
    {
      lookup: [
        [0, 1],
        [5, -1],
      ],
    },
    { polynomial: [1, 2, 3, 4, 5, 6] },
    { labels: { '0': 'closed', '-1': 'fault', '18446744073709551615': 'none' } },
    { sentinels: [32767, '-32768', '9223372036854775807', 1.5] },
    { min: -40, max: 85 },
    { min: 0, max: 0, out_of_range: 'clamp' },
    { decimals: 0 },
    { decimals: 12, out_of_range: 'reject' },
  ])('takes %j', (options) => {
    expect(brokenRule(options)).toBe('none');
  });

  it('adds nothing to a factor that says nothing', () => {
    const parsed = parse({});
    expect(parsed.success && Object.keys(parsed.data)).not.toContain('order');
  });

  it.each<[Record<string, unknown>, string]>([
    [{ data_type: 'bit' }, 'bit: bit goes with data_type bit, which needs it'],
    [{ bit: 3 }, 'bit: bit goes with data_type bit, which needs it'],
    [{ data_type: 'bit', bit: 16 }, 'bit: bit is 0 to 15'],
    [{ data_type: 'string' }, 'length: length goes with the text types, which need it'],
    [{ length: 1 }, 'length: length goes with the text types, which need it'],
    [{ data_type: 'string', length: 126 }, 'length: length is 1 to 125 registers'],
    [
      { data_type: 'string', length: 125, data_index: 1 },
      'data_index: data_index and the width of the value stay within one read of 125 registers',
    ],
    [
      { data_type: 'int64', data_index: 122 },
      'data_index: data_index and the width of the value stay within one read of 125 registers',
    ],
    [{ order: 'any' }, 'order: order is factor_first or delta_first'],
    [{ lookup: [[0, 1]] }, 'lookup: lookup has 2 to 64 points'],
    [
      {
        lookup: [
          [1, 1],
          [1, 2],
        ],
      },
      'lookup: the first numbers of the lookup points rise',
    ],
    [{ lookup: [[1, 1], [2]] }, 'lookup.1: a lookup point is [from, to]'],
    [
      {
        lookup: [
          [1, 1],
          [2, 1e13],
        ],
      },
      'lookup.1.1: a table holds numbers of at most 1000000000000 in size',
    ],
    [{ polynomial: [] }, 'polynomial: polynomial has 1 to 6 coefficients'],
    [{ polynomial: [1, 2, 3, 4, 5, 6, 7] }, 'polynomial: polynomial is of degree 5 at most: 6 coefficients'],
    [
      {
        lookup: [
          [0, 0],
          [1, 1],
        ],
        polynomial: [1],
      },
      'polynomial: a factor has a lookup or a polynomial, not both',
    ],
    [{ labels: { on: 'x' } }, 'labels.on: a label stands for a whole number'],
    [{ labels: { '01': 'x' } }, 'labels.01: a label stands for a whole number'],
    [{ labels: { '1': '' } }, 'labels.1: a label has 1 to 64 characters'],
    [{ sentinels: ['warm'] }, 'sentinels.0: a sentinel is a finite number, or a number as decimal text'],
    [{ sentinels: Array.from({ length: 17 }, (_, at) => at) }, 'sentinels: sentinels has at most 16 numbers'],
    [{ min: 2, max: 1 }, 'min: min is not above max'],
    [{ min: Number.NaN }, 'min: min is a finite number'],
    [{ out_of_range: 'clamp' }, 'out_of_range: clamp needs a min or a max'],
    [{ decimals: 13 }, 'decimals: decimals is 0 to 12'],
    [{ decimals: 0.5 }, 'decimals: decimals is a whole number'],
    [
      { modbus_type: 'coil', data_type: 'int8h' },
      'data_type: a coil is one bit: its data_type is one of bool, int16, uint16',
    ],
  ])('refuses %j', (options, rule) => {
    expect(brokenRule(options)).toBe(rule);
  });
});

describe('isText', () => {
  it('is true for the types that read characters', () => {
    const texts = (Object.keys(DATA_TYPES) as DataType[]).filter(isText);
    expect(texts).toEqual(['string', 'string_high', 'string_low']);
  });
});

describe('factorWidth of text', () => {
  it('is its length', () => {
    expect(factorWidth({ modbus_type: 'holding', data_type: 'string', length: 8 })).toBe(8);
    expect(factorWidth({ modbus_type: 'holding', data_type: 'string' })).toBe(1);
  });
});
