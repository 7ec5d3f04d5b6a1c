import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue, type ValueQuery } from '../src/index.ts';

describe('decodeValue', () => {
  it.each<[ValueQuery, object]>([
    [
      {
        hex: 'FFD6',
        data_type: 'int16',
        data_endian: 'ABCD',
        data_index: 0,
        bit: 3,
        length: 2,
        data_factor: 0.1,
        data_delta: 0,
      },
      { raw: -42, value: -4.2 },
    ],
    [
      { hex: '0000FFD6', data_type: 'INT16', data_index: 1 },
      { raw: -42, value: -42 },
    ],
    [
      { hex: '41AD999A', data_type: 'float' },
      { raw: 21.7, value: 21.7 },
    ],
    [
      { hex: '9A99AD41', data_type: 'FLOAT', data_endian: 'little', data_factor: 10 },
      { raw: 21.7, value: 217 },
    ],
    [
      { hex: '0008', data_type: 'bit', bit: 3 },
      { raw: 1, value: 1 },
    ],
    [
      { hex: '0001', data_type: 'bit' },
      { raw: 1, value: 1 },
    ],
    [
      { hex: '04', data_type: 'bool', data_index: 2 },
      { raw: 1, value: 1 },
    ],
    [
      { hex: '41424300', data_type: 'string' },
      { raw: 'ABC', value: 'ABC' },
    ],
    [
      { hex: '000041424344', data_type: 'string', data_index: 1, length: 1 },
      { raw: 'AB', value: 'AB' },
    ],
    [
      { hex: 'C3BC', data_type: 'string' },
      { raw: 'ü', value: 'ü' },
    ],
    [
      { hex: 'B043', data_type: 'string' },
      { raw: '°C', value: '°C' },
    ],
    [
      { hex: 'FFFFFFFFFFFFFFFF', data_type: 'uint64' },
      { raw: '18446744073709551615', value: '18446744073709551615' },
    ],
    [
      { hex: '8000000000000000', data_type: 'int64' },
      { raw: '-9223372036854775808', value: '-9223372036854775808' },
    ],
    [
      { hex: 'FFFFFFFFFFFFFFFF', data_type: 'uint64', data_factor: 0.1 },
      { raw: '18446744073709551615', value: Number('1844674407370955161.5'), inexact: true },
    ],
    [
      { hex: '0010000000000001', data_type: 'uint64', data_factor: 4 },
      { raw: 4503599627370497, value: '18014398509481988' },
    ],
    [
      { hex: '4415AF1D78B58C40', data_type: 'double', data_factor: 2 },
      { raw: 1e20, value: 2e20 },
    ],
    [
      { hex: '0002', data_type: 'uint16', labels: { '2': 'open' } },
      { raw: 2, value: 2, label: 'open' },
    ],
  ])('decodes %j', (query, expected) => {
    expect(decodeValue(query)).toEqual({ ok: true, ...expected });
  });

  it.each<[Record<string, unknown>, string, RegExp]>([
    [{ hex: 'FFD', data_type: 'int16' }, 'decode_failed', /^hex /],
    [{ data_type: 'int16' }, 'decode_failed', /^hex /],
    [{ hex: 'FF', data_type: 'int16' }, 'decode_failed', /hex holds 0 registers/],
    [{ hex: 'FFFF', data_type: 'int16', data_index: 1 }, 'decode_failed', /from 1 on, hex holds 1 registers/],
    [{ hex: 'FF', data_type: 'bool', data_index: 8 }, 'decode_failed', /hex holds 8 bits/],
    [{ hex: '', data_type: 'string' }, 'decode_failed', /hex holds 0 registers/],
    [{ hex: 'FFFF', data_type: 'int17' }, 'decode_failed', /data_type is one of .*int17/],
    [{ hex: 'FFFF', data_type: 'int16', data_endian: 'middle' }, 'decode_failed', /^data_endian/],
    [{ hex: 'FFFF', data_type: 'bit', bit: 16 }, 'decode_failed', /^bit: bit is 0 to 15/],
    [{ hex: 'FFFF', data_type: 'int16', data_factor: 0 }, 'decode_failed', /^data_factor/],
    [{ hex: 'FFFF', data_type: 'int16', data_index: 'x' }, 'decode_failed', /^data_index/],
    [{ hex: '00FF', data_type: 'bcd8' }, 'decode_failed', /hold no bcd8/],
    [{ hex: '7FC00000', data_type: 'float' }, 'not_finite', /NaN/],
    [{ hex: '7FF0000000000000', data_type: 'float64' }, 'not_finite', /Infinity/],
    [{ hex: '0064', data_type: 'int16', max: 50 }, 'out_of_range', /above 50/],
  ])('refuses %j', (query, reason, message) => {
    expect(decodeValue(query as unknown as ValueQuery)).toEqual({
      ok: false,
      reason,
      message: expect.stringMatching(message),
    });
  });

  it('gives a result for any query', () => {
    const any = fc.record(
      {
        hex: fc.oneof(fc.stringMatching(/^([0-9a-f]{2}){0,9}$/), fc.anything()),
        data_type: fc.oneof(
          fc.constantFrom('int16', 'int64', 'double', 'string', 'bool', 'bit', 'bcd32'),
          fc.anything(),
        ),
        data_endian: fc.oneof(fc.constantFrom('ABCD', 'little'), fc.anything()),
        data_index: fc.oneof(fc.nat({ max: 4 }), fc.anything()),
        bit: fc.anything(),
        length: fc.anything(),
        data_factor: fc.oneof(fc.double(), fc.anything()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (query) => {
        expect(typeof decodeValue(query as unknown as ValueQuery).ok).toBe('boolean');
      }),
      { numRuns: 1000 },
    );
  });
});
