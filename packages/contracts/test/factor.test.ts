import { describe, expect, it } from 'vitest';
import {
  type FactorDefinitionInput,
  factorDefinitionSchema,
  factorWidth,
  schemaIssues,
} from '../src/index.ts';

const minimal: FactorDefinitionInput = {
  unit: 1,
  address: 0,
  data_index: 0,
  modbus_type: 'holding',
  data_type: 'int16',
  data_endian: 'big',
  the_type: 'temp',
};

const parse = (change: Record<string, unknown>) =>
  factorDefinitionSchema.safeParse({ ...minimal, ...change });

describe('factorDefinitionSchema', () => {
  it('fills in what the reference makes optional', () => {
    expect(factorDefinitionSchema.parse(minimal)).toEqual({
      ...minimal,
      data_endian: 'ABCD',
      data_factor: 1,
      data_delta: 0,
      info: '',
      enabled: true,
    });
  });

  it.each([
    ['data_type', 'INT16', 'int16'],
    ['data_type', 'float', 'float32'],
    ['data_type', 'FLOAT', 'float32'],
    ['data_type', 'UINT32', 'uint32'],
    ['data_endian', 'little', 'DCBA'],
    ['data_endian', '<', 'DCBA'],
    ['data_endian', '>', 'ABCD'],
    ['data_endian', 'cdab', 'CDAB'],
    ['modbus_type', 'INPUT_REGISTER', 'input'],
    ['modbus_type', 'HOLDING_REGISTER', 'holding'],
  ])('reads %s %s as %s', (field, spelling, normal) => {
    expect(parse({ [field]: spelling })).toMatchObject({ success: true, data: { [field]: normal } });
  });

  it.each([
    ['DISCRETE_INPUT', 'discrete'],
    ['COIL', 'coil'],
  ])('reads modbus_type %s as %s, for one bit', (spelling, normal) => {
    expect(parse({ modbus_type: spelling, data_type: 'bool' })).toMatchObject({
      success: true,
      data: { modbus_type: normal },
    });
  });

  it.each([
    ['data_endian', 'middle'],
    ['data_type', 'int17'],
    ['modbus_type', 'constructor'],
    ['modbus_type', 3],
    ['unit', 256],
    ['unit', 1.5],
    ['address', -1],
    ['address', 65536],
    ['data_index', 125],
    ['data_factor', 0],
    ['data_factor', Number.NaN],
    ['data_factor', 1e300],
    ['data_delta', Number.POSITIVE_INFINITY],
    ['the_type', 'agri_id'],
    ['the_type', 't'],
    ['the_type', '__proto__'],
    ['the_type', 'a b'],
    ['enabled', 'yes'],
  ])('refuses %s %s and names the field', (field, value) => {
    const result = parse({ [field]: value });
    expect(result.success).toBe(false);
    expect(result.error && schemaIssues(result.error, { ...minimal, [field]: value })[0]?.path).toBe(field);
  });

  it('refuses a value that would lie beyond the last address or beyond one read', () => {
    expect(parse({ address: 65535, data_type: 'int32' }).success).toBe(false);
    expect(parse({ address: 65534, data_type: 'int32' }).success).toBe(true);
    expect(parse({ data_index: 124, data_type: 'int32' }).success).toBe(false);
    expect(parse({ modbus_type: 'coil', data_type: 'bool', data_index: 1999 }).success).toBe(true);
  });

  it('refuses a coil wider than a bit and a register that is a bit', () => {
    expect(parse({ modbus_type: 'coil', data_type: 'float' }).success).toBe(false);
    expect(parse({ data_type: 'bool' }).success).toBe(false);
  });
});

describe('factorWidth', () => {
  it.each([
    ['holding', 'int16', 1],
    ['input', 'float32', 2],
    ['coil', 'uint16', 1],
  ] as const)('%s %s takes %i', (modbus_type, data_type, width) => {
    expect(factorWidth({ modbus_type, data_type })).toBe(width);
  });
});
