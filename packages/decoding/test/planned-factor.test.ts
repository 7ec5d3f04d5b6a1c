import { DATA_ENDIANS, type DataEndian, type Factor, type Reading } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePlan, compileScaling, formatHex, type PlannedFactor, REGISTER_TYPES } from '../src/index.ts';
import { encode, factor } from './registers.ts';

const ENDIANS = Object.keys(DATA_ENDIANS) as DataEndian[];
const NUMBER_TYPES = ['int16', 'uint16', 'int32', 'uint32', 'float32'] as const;

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

    it('gives back, for every type and order, the number that was written and scaled', () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...NUMBER_TYPES),
          fc.constantFrom(...ENDIANS),
          fc.double({ noNaN: true, min: 0, max: 1 }),
          fc.float({ noNaN: true, noDefaultInfinity: true }),
          (data_type, data_endian, share, single) => {
            const { min, max } = REGISTER_TYPES[data_type];
            const raw =
              data_type === 'float32'
                ? single
                : Math.round(Number(min) + share * (Number(max) - Number(min)));
            const hex = formatHex(encode(raw, data_type, data_endian));
            const value = planned({ data_type, data_endian }).fromRaw(hex);
            expect(value.ok && Math.fround(value.value)).toBe(Math.fround(raw) + 0);
            if (data_type === 'float32') return;
            expect(value).toEqual({ ok: true, value: raw });
            expect(
              planned({ data_type, data_endian, data_factor: 0.01, data_delta: -7.5 }).fromRaw(hex),
            ).toEqual({
              ok: true,
              value: compileScaling(0.01, -7.5).ofFixed(raw, 0),
            });
          },
        ),
        { numRuns: 1000 },
      );
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
