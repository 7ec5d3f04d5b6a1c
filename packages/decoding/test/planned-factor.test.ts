/// <reference lib="esnext.float16" />
import { DATA_ENDIANS, type DataEndian, type Factor, type Reading } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePlan, formatHex, type PlannedFactor, REGISTER_TYPES } from '../src/index.ts';
import { scaledExactly } from './rational.ts';
import { encode, factor, NUMBER_TYPES, type NumberType } from './registers.ts';

const ENDIANS = Object.keys(DATA_ENDIANS) as DataEndian[];

const ROUND: Partial<Record<NumberType, (x: number) => number>> = {
  float16: Math.f16round,
  float32: Math.fround,
  float64: (x) => x,
};

/** Any raw number that registers of the type can hold; beyond 2^53 a bigint. */
function rawNumber(type: NumberType): fc.Arbitrary<number | bigint> {
  const round = ROUND[type];
  if (round) {
    const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true }).map(round);
    const fewDecimals = fc.integer({ min: -99_999, max: 99_999 }).map((digits) => round(digits / 1000));
    return fc.oneof(anyDouble, fewDecimals).filter(Number.isFinite);
  }
  const { min = 0, max = 0 } = REGISTER_TYPES[type];
  return fc
    .bigInt(BigInt(min), BigInt(max))
    .map((raw) => (Number.isSafeInteger(Number(raw)) ? Number(raw) : raw));
}

function planned(definition: Parameters<typeof factor>[0]): PlannedFactor {
  const only = factor(definition);
  const found = compilePlan([only]).find(only.agri_id);
  if (!found) throw new Error('the plan lost its factor');
  return found;
}

describe('PlannedFactor', () => {
  describe('fromRaw', () => {
    it.each([
      ['int16', 'ABCD', 'FFD6', -42],
      ['int16', 'BADC', 'D6FF', -42],
      ['uint16', 'CDAB', 'FFD6', 65494],
      ['uint16', 'DCBA', 'D6FF', 65494],
      ['int32', 'ABCD', '00006E8C', 28300],
      ['int32', 'DCBA', '8C6E0000', 28300],
      ['uint32', 'CDAB', '6E8C0000', 28300],
      ['uint32', 'BADC', '00008C6E', 28300],
      ['float', 'ABCD', '41AD999A', 21.7],
      ['FLOAT', 'CDAB', '999A41AD', 21.7],
      ['float', 'BADC', 'AD419A99', 21.7],
      ['float', 'DCBA', '9A99AD41', 21.7],
      ['float', 'ABCD', '80000000', 0],
    ])('reads %s %s %s as %d', (data_type, data_endian, hex, value) => {
      expect(planned({ data_type, data_endian }).fromRaw(hex)).toEqual({ ok: true, value });
    });

    it.each([['7FC00000'], ['7F800000'], ['FF800000']])(
      'refuses the float32 %s, which is no number',
      (hex) => {
        expect(planned({ data_type: 'float32' }).fromRaw(hex)).toMatchObject({
          ok: false,
          reason: 'not_finite',
        });
      },
    );

    it('reads the lowest bit of the one byte of a coil', () => {
      const coil = planned({ modbus_type: 'coil', data_type: 'bool' });
      expect(coil.fromRaw('FF')).toEqual({ ok: true, value: 1 });
      expect(coil.fromRaw('FE')).toEqual({ ok: true, value: 0 });
      expect(coil.fromRaw('0001')).toMatchObject({
        reason: 'decode_failed',
        message: 'a raw coil has 1 byte here, not 2',
      });
    });

    it.each(['', 'FF', 'FFFFFF', 'FFFFFFFF', 'zz00', 'F'])('refuses %j, which is not one register', (hex) => {
      expect(planned({}).fromRaw(hex)).toMatchObject({ ok: false, reason: 'decode_failed' });
    });

    describe.each(NUMBER_TYPES)('of %s', (data_type) => {
      it('gives back, in every order, the number that was written, and scales it', () => {
        fc.assert(
          fc.property(fc.constantFrom(...ENDIANS), rawNumber(data_type), (data_endian, raw) => {
            const hex = formatHex(encode(raw, data_type, data_endian));
            const value = planned({ data_type, data_endian }).fromRaw(hex);
            const scaled = planned({ data_type, data_endian, data_factor: 0.01, data_delta: -7.5 }).fromRaw(
              hex,
            );
            if (data_type.startsWith('float')) {
              // The shortest decimal reads back as the number of its width.
              expect(value.ok && ROUND[data_type]?.(value.value)).toBe(Number(raw) + 0);
              expect(scaled.ok).toBe(true);
              return;
            }
            expect(value).toMatchObject({ ok: true, value: Number(raw) });
            expect(scaled).toMatchObject({ ok: true, value: scaledExactly(BigInt(raw), 1n, -750n, 2) });
          }),
          { numRuns: 300 },
        );
      });

      it('reads a raw number from a gateway as it reads the registers', () => {
        fc.assert(
          fc.property(rawNumber(data_type), (raw) => {
            const one = planned({ data_type, data_factor: 0.1 });
            const registers = one.fromRaw(formatHex(encode(raw, data_type, 'ABCD')));
            expect(one.fromReading(String(raw), false)).toEqual(registers);
            if (typeof raw === 'number') expect(one.fromReading(raw, false)).toEqual(registers);
          }),
          { numRuns: 300 },
        );
      });
    });

    it.each([
      // Vectors worked out by hand from the definition of each type.
      ['int8h', 'ABCD', 'FE01', -2],
      ['int8l', 'ABCD', '01FE', -2],
      ['uint8h', 'BADC', '01FE', 254],
      ['uint8l', 'DCBA', 'FE01', 254],
      ['int24', 'ABCD', '00FFFFFE', -2],
      ['int24', 'CDAB', 'FFFE00FF', -2],
      ['uint24', 'ABCD', 'FF000102', 258],
      ['int64', 'ABCD', 'FFFFFFFFFFFFFFD6', -42],
      ['int64', 'CDAB', 'FFD6FFFFFFFFFFFF', -42],
      ['uint64', 'BADC', '00000000000001D6', 54785],
      ['uint64', 'DCBA', 'D601000000000000', 470],
      ['float16', 'ABCD', '3555', 0.3333],
      ['float16', 'BADC', '004C', 16],
      ['float16', 'ABCD', '5CB1', 300.2],
      ['float64', 'ABCD', '4035B33333333333', 21.7],
      ['double', 'CDAB', '33333333B3334035', 21.7],
      ['bcd8', 'ABCD', 'FF42', 42],
      ['bcd16', 'BADC', '3412', 1234],
      ['bcd24', 'ABCD', '00123456', 123456],
      ['bcd32', 'CDAB', '56781234', 12345678],
    ])('reads %s %s %s as %d', (data_type, data_endian, hex, value) => {
      expect(planned({ data_type, data_endian }).fromRaw(hex)).toEqual({ ok: true, value });
    });

    it.each([
      ['uint64', 'FFFFFFFFFFFFFFFF', 1, 2 ** 64, true],
      ['uint64', '0020000000000001', 1, 9007199254740992, true],
      ['uint64', '0020000000000002', 1, 9007199254740994, undefined],
      ['int64', '8000000000000000', 1, -(2 ** 63), undefined],
      ['int64', 'FFDFFFFFFFFFFFFF', 1, -9007199254740992, true],
      ['uint64', '8AC7230489E80000', 0.1, 1e18, undefined],
      ['uint64', 'FFFFFFFFFFFFFFFF', 0.1, Number('1844674407370955161.5'), true],
    ])('marks %s %s × %d when a double cannot hold it', (data_type, hex, data_factor, value, inexact) => {
      const result = planned({ data_type, data_factor }).fromRaw(hex);
      expect(result).toEqual(inexact ? { ok: true, value, inexact } : { ok: true, value });
    });

    it.each(['bcd8', 'bcd16', 'bcd24', 'bcd32'])('refuses %s with a digit above 9', (data_type) => {
      const width = data_type === 'bcd8' || data_type === 'bcd16' ? 1 : 2;
      const result = planned({ data_type, data_factor: 0.1 }).fromRaw('000A'.repeat(width));
      expect(result).toEqual({
        ok: false,
        reason: 'decode_failed',
        message: `the registers hold no ${data_type}`,
      });
    });

    it.each([
      [0, 1],
      [3, 0],
      [15, 1],
    ])('reads bit %d of a register', (bit, value) => {
      expect(planned({ data_type: 'bit', bit }).fromRaw('8001')).toEqual({ ok: true, value });
      expect(planned({ data_type: 'bit', bit: bit ^ 8, data_endian: 'BADC' }).fromRaw('8001')).toEqual({
        ok: true,
        value,
      });
    });

    it.each([
      ['string', 'ABCD', '32312E35', 21.5],
      ['string', 'CDAB', '202D3100', -1],
      ['string', 'BADC', '3132352E', 21.5],
      ['string_high', 'ABCD', '31FF3200', 12],
      ['string_low', 'DCBA', '31FF3200', 12],
    ])('reads the number that %s %s %s spells', (data_type, data_endian, hex, value) => {
      expect(planned({ data_type, data_endian, length: 2 }).fromRaw(hex)).toEqual({ ok: true, value });
      const tenth = planned({ data_type, data_endian, length: 2, data_factor: 0.1 }).fromRaw(hex);
      expect(tenth).toEqual({ ok: true, value: value / 10 });
    });

    it.each([
      ['41AD999A', 999999999999.999, Number('21699999999999.9783')],
      ['41AD999A', 1.23456789e-12, 2.6790123213e-11],
      ['3F000000', 0.1, 0.05],
      ['3F9D70A4', 1, 1.23],
      ['C49A5225', 0.1, -123.4567],
    ])('scales the float32 %s by %d to %d', (hex, data_factor, value) => {
      expect(planned({ data_type: 'float', data_factor }).fromRaw(hex)).toEqual({ ok: true, value });
    });

    it('refuses text that spells no number', () => {
      expect(planned({ data_type: 'string', length: 1 }).fromRaw('4F4B')).toEqual({
        ok: false,
        reason: 'decode_failed',
        message: 'the text "OK" is no number',
      });
    });
  });

  describe('fromReading', () => {
    const scaled = { data_factor: 0.1 };
    it.each<[string, Parameters<typeof factor>[0], Reading, number]>([
      ['a raw number', scaled, 243, 24.3],
      ['a negative raw number', scaled, -42, -4.2],
      ['raw decimal text', scaled, '243', 24.3],
      ['whole text with decimals', scaled, '2430e-1', 24.3],
      ['any number where nothing is scaled', {}, 21.5, 21.5],
      ['any text where nothing is scaled', {}, '99999.5', 99999.5],
      ['negative zero', {}, -0, 0],
      ['a float32 in full', { data_type: 'float', data_factor: 10 }, 21.700000762939453, 217],
      ['a float32 in full as text', { data_type: 'float' }, '21.700000762939453', 21.7],
      ['a number between float32s', { data_type: 'float', data_factor: 0.1 }, 21.7, 2.17],
      ['text between float32s', { data_type: 'float', data_factor: 0.1 }, '21.7', 2.17],
      ['a number beyond float32 where nothing is scaled', { data_type: 'float' }, 1e300, 1e300],
      ['a float32 that is no sum of few decimals', { data_type: 'float' }, 2 ** -12, 0.00024414062],
      ['true for a coil', { modbus_type: 'coil', data_type: 'bool' }, true, 1],
      ['false for a coil', { modbus_type: 'coil', data_type: 'bool' }, false, 0],
      ['1 for a discrete input', { modbus_type: 'discrete', data_type: 'uint16', data_factor: 5 }, 1, 5],
      ['0 for a discrete input', { modbus_type: 'discrete', data_type: 'bool', data_delta: 3 }, 0, 3],
      ['"1" for a coil', { modbus_type: 'coil', data_type: 'bool' }, '1', 1],
      ['true for a bit', { data_type: 'bit', bit: 3 }, true, 1],
      [
        '"9007199254740994" for an int64',
        { data_type: 'int64', data_factor: 0.5 },
        '9007199254740994',
        4503599627370497,
      ],
      ['a number beyond 2^53 for an int64', { data_type: 'int64' }, 2 ** 60, 2 ** 60],
      ['a number for text', { data_type: 'string', length: 2, data_factor: 0.1 }, 3, 0.3],
      ['decimal text for text', { data_type: 'string', length: 2, data_factor: 0.1 }, '3', 0.3],
      ['a large float32', { data_type: 'float', data_factor: 10 }, 123456792, 1234567900],
      ['a float64', { data_type: 'double', data_factor: 0.1 }, 0.1 + 0.2, Number('0.030000000000000004')],
      ['"0.0" for a coil', { modbus_type: 'coil', data_type: 'bool' }, '0.0', 0],
    ])('reads %s', (_, definition, reading, value) => {
      expect(planned(definition).fromReading(reading, false)).toEqual({ ok: true, value });
    });

    it.each<[string, Parameters<typeof factor>[0], Reading, string, RegExp]>([
      ['null', scaled, null, 'no_reading', /null/],
      ['NaN', scaled, Number.NaN, 'not_finite', /NaN/],
      ['Infinity', {}, Number.POSITIVE_INFINITY, 'not_finite', /Infinity/],
      ['the text nan', scaled, 'nan', 'not_finite', /nan/],
      ['the text -Infinity', scaled, '-Infinity', 'not_finite', /Infinity/],
      ['a raw beyond the type', scaled, 32768, 'decode_failed', /-32768 to 32767$/],
      ['a raw below the type', { ...scaled, data_type: 'uint32' }, -1, 'decode_failed', /0 to 4294967295$/],
      ['a text beyond the type', scaled, '1e999', 'decode_failed', /-32768 to 32767$/],
      ['a fraction', scaled, 24.3, 'decode_failed', /-32768 to 32767; .*"scaled"/],
      ['a fraction as text', scaled, '24.3', 'decode_failed', /"scaled"/],
      ['other text', scaled, 'warm', 'decode_failed', /"warm"/],
      ['a boolean for a register', scaled, true, 'decode_failed', /true/],
      ['a boolean for an unscaled register', {}, false, 'decode_failed', /false/],
      ['a boolean for a float', { data_type: 'float' }, true, 'decode_failed', /true/],
      ['a number beyond float32', { data_type: 'float', ...scaled }, 1e39, 'decode_failed', /3.4028/],
      ['a text beyond float32', { data_type: 'float', ...scaled }, '-1e400', 'decode_failed', /-1e400/],
      ['a text beyond every double', {}, '1e400', 'not_finite', /Infinity/],
      ['a boolean for text', { data_type: 'string', length: 1 }, true, 'decode_failed', /spells one$/],
      [
        'a number beyond float16',
        { data_type: 'float16', ...scaled },
        65520,
        'decode_failed',
        /-65504 to 65504$/,
      ],
      ['2 for a bit', { data_type: 'bit', bit: 0 }, 2, 'decode_failed', /from 0 to 1$/],
      ['2 for a coil', { modbus_type: 'coil', data_type: 'bool' }, 2, 'decode_failed', /from 0 to 1$/],
      [
        '"0.5" for a coil',
        { modbus_type: 'coil', data_type: 'bool' },
        '0.5',
        'decode_failed',
        /from 0 to 1;/,
      ],
    ])('refuses %s', (_, definition, reading, reason, message) => {
      const result = planned(definition).fromReading(reading, false);
      expect(result).toMatchObject({ ok: false, reason });
      expect(result.ok ? '' : result.message).toMatch(message);
    });

    it.each<[Reading, number]>([
      [24.3, 24.3],
      [-0, 0],
      ['24.3', 24.3],
      ['9007199254740993', 9007199254740992],
      [99999, 99999],
    ])('takes %j as the value that it is when it is scaled already', (reading, value) => {
      expect(planned(scaled).fromReading(reading, true)).toEqual({ ok: true, value });
    });

    it.each([
      [undefined, 'no_reading'],
      [[21], 'decode_failed'],
    ])('refuses %j from a caller without types', (reading, reason) => {
      const one = planned(scaled);
      expect(one.fromReading(reading as unknown as Reading, false)).toMatchObject({ ok: false, reason });
      expect(one.fromReading(reading as unknown as Reading, true)).toMatchObject({ ok: false, reason });
    });

    it('takes a scaled boolean for a coil only', () => {
      expect(
        planned({ modbus_type: 'coil', data_type: 'bool', data_factor: 7 }).fromReading(true, true),
      ).toEqual({
        ok: true,
        value: 1,
      });
      expect(planned(scaled).fromReading(true, true)).toMatchObject({ reason: 'decode_failed' });
    });

    it.each<[Reading, string]>([
      [null, 'no_reading'],
      [Number.NEGATIVE_INFINITY, 'not_finite'],
      ['inf', 'not_finite'],
      ['1e400', 'not_finite'],
      ['', 'decode_failed'],
    ])('refuses %j when it is scaled already', (reading, reason) => {
      expect(planned(scaled).fromReading(reading, true)).toMatchObject({ ok: false, reason });
    });
  });

  it('gives a result for any reading, any bytes and any factor', () => {
    const definition = fc.record({
      unit: fc.oneof(fc.constant(1), fc.anything()),
      address: fc.oneof(fc.nat({ max: 70_000 }), fc.anything()),
      data_index: fc.oneof(fc.nat({ max: 130 }), fc.anything()),
      modbus_type: fc.oneof(fc.constantFrom('holding', 'input', 'coil', 'discrete'), fc.anything()),
      data_type: fc.oneof(fc.constantFrom(...NUMBER_TYPES, 'bool'), fc.anything()),
      data_endian: fc.oneof(fc.constantFrom(...ENDIANS), fc.anything()),
      data_factor: fc.oneof(fc.double(), fc.integer(), fc.anything()),
      data_delta: fc.oneof(fc.double(), fc.integer(), fc.anything()),
      the_type: fc.constant('temp'),
      info: fc.constant(''),
      enabled: fc.boolean(),
      agri_id: fc.constant('d-1-1'),
    });
    const reading = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.double().map(String), fc.anything());
    const frame = fc.record({
      unit: fc.constant(1),
      modbus_type: fc.constantFrom('holding' as const, 'coil' as const),
      address: fc.nat({ max: 3 }),
      framing: fc.constantFrom('registers' as const, 'pdu' as const),
      hex: fc.uint8Array({ maxLength: 20 }).map(formatHex),
    });
    fc.assert(
      fc.property(definition, reading, frame, fc.boolean(), (loose, anyReading, anyFrame, isScaled) => {
        const plan = compilePlan([loose as unknown as Factor]);
        const one = plan.find('d-1-1');
        for (const result of [
          one?.fromReading(anyReading as Reading, isScaled),
          one?.fromRaw(anyFrame.hex),
          ...((frames) => (frames.ok ? frames.readings.map(({ result }) => result) : []))(
            plan.decodeFrame(anyFrame),
          ),
        ]) {
          if (result?.ok) {
            expect(Number.isFinite(result.value)).toBe(true);
            expect(Object.is(result.value, -0)).toBe(false);
          } else {
            expect(result?.message).toBeTypeOf('string');
          }
        }
      }),
      { numRuns: 3000 },
    );
  });
});
