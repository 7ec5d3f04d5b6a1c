import {
  DATA_ENDIANS,
  DATA_TYPES,
  type DataEndian,
  type DataType,
  type FactorDefinitionInput,
} from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePlan, type PlanBlock } from '../src/index.ts';
import { encode, factor, NUMBER_TYPES, type NumberType } from './registers.ts';

const ORDERS = Object.keys(DATA_ENDIANS) as DataEndian[];
const REGISTERS = 24;
/** Data does not begin where the buffer does. */
const START = 3;

const types = (Object.keys(DATA_TYPES) as DataType[]).filter((type) => type !== 'bool');

/** What a value may be subject to; every other one has a lane when its type does. */
const meanings = fc.oneof(
  fc.record({
    data_factor: fc.constantFrom(
      1,
      0.1,
      0.01,
      0.001,
      -0.1,
      10,
      0.0625,
      1e9,
      1e-9,
      1.2345678901e-12,
      1.23456789,
    ),
    data_delta: fc.constantFrom(0, -40, 1.5, 1e12),
  }),
  fc.record({ min: fc.constantFrom(-5, 0), max: fc.constantFrom(0, 1000) }),
  fc.constantFrom<Partial<FactorDefinitionInput>>(
    {},
    { min: 0, max: 10, out_of_range: 'clamp' },
    { decimals: 1 },
    { sentinels: [0, -1, 65_535] },
    { polynomial: [1, 2] },
    { enabled: false },
  ),
);

const registerFactors = fc.array(
  fc
    .record({
      data_type: fc.constantFrom(...types),
      data_endian: fc.constantFrom(...ORDERS),
      data_index: fc.nat({ max: REGISTERS - 1 }),
      bit: fc.nat({ max: 15 }),
      meaning: meanings,
    })
    .map(({ data_type, bit, meaning, ...place }) => {
      const isText = DATA_TYPES[data_type].registers === 'length';
      return {
        ...place,
        data_type,
        ...(data_type === 'bit' && { bit }),
        ...(isText ? { length: 2 } : meaning),
      };
    }),
  { minLength: 1, maxLength: 40 },
);

/** Registers of any bytes, and such as sensors send: zeros, ones, floats of few decimals. */
const registers = fc
  .array(
    fc.oneof(
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      fc.constantFrom(0, 0x80, 0xff).map((byte) => new Uint8Array(8).fill(byte)),
      fc
        .record({
          raw: fc.integer({ min: -2_000_000, max: 2_000_000 }),
          type: fc.constantFrom<NumberType>('float32', 'float64', 'int64', 'int32'),
          order: fc.constantFrom(...ORDERS),
        })
        .map(({ raw, type, order }) => {
          const bytes = encode(type.startsWith('f') ? raw / 1000 : raw, type, order);
          return Uint8Array.from([...bytes, ...bytes].slice(0, 8));
        }),
    ),
    { minLength: REGISTERS / 4, maxLength: REGISTERS / 4 },
  )
  .map((parts) => parts.flatMap((part) => [...part]));

function viewOf(bytes: readonly number[] | Uint8Array): DataView {
  return new DataView(Uint8Array.from([...Array(START).fill(0xa5), ...bytes]).buffer);
}

/** Holds the values of a block to what it says of each factor. Returns how many values there are. */
function compare(block: PlanBlock, bytes: readonly number[] | Uint8Array): number {
  const view = viewOf(bytes);
  const values = new Float64Array(block.factors.length).fill(12_345);
  const others = block.decodeValues(view, START, values);
  expect(others).toBe(values.filter(Number.isNaN).length);
  for (const [index, { factor, result }] of block.decode(view, START).entries()) {
    expect(factor).toBe(block.factors[index]);
    const value = values[index];
    if (Number.isNaN(value)) continue;
    // toEqual tells -0 from 0, which no result is.
    expect(result).toEqual({ ok: true, value });
    expect(Object.is(value, -0)).toBe(false);
  }
  return values.length - others;
}

describe('PlanBlock.decodeValues', () => {
  it('is what decode says of factors of every type, order and meaning, or NaN', () => {
    let plain = 0;
    fc.assert(
      fc.property(
        registerFactors,
        fc.array(registers, { minLength: 1, maxLength: 4 }),
        (definitions, reads) => {
          const factors = definitions.map((definition, index) => factor(definition, `d-1-1-${index}`));
          const block = compilePlan(factors).block(1, 'holding', 0, REGISTERS);
          for (const bytes of reads) plain += compare(block, bytes);
        },
      ),
      { numRuns: 1500 },
    );
    expect(plain).toBeGreaterThan(3000);
  });

  it('is what decode says of coils', () => {
    const coils = fc.array(fc.record({ data_index: fc.nat({ max: 39 }), meaning: meanings }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(coils, fc.uint8Array({ minLength: 5, maxLength: 5 }), (definitions, bytes) => {
        const factors = definitions.map(({ data_index, meaning }, index) =>
          factor({ modbus_type: 'coil', data_type: 'bool', data_index, ...meaning }, `d-1-1-${index}`),
        );
        compare(compilePlan(factors).block(1, 'coil', 0, 40), bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('is what decode says of every float32 that decimals are counted for, whatever came before', () => {
    const block = compilePlan([factor({ data_type: 'float32' })]).block(1, 'holding', 0, 2);
    const number = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -150, max: 127 }).map((exponent) => Math.fround(2 ** exponent)),
      fc.integer({ min: -1_000_000, max: 1_000_000 }).map((thousandths) => Math.fround(thousandths / 1000)),
      // Ties: a half of the last decimal place.
      fc.integer({ min: 2 ** 22, max: 2 ** 24 - 1 }).map((whole) => whole / 2 ** 6),
    );
    fc.assert(
      fc.property(number, (raw) => {
        compare(block, encode(raw, 'float32', 'ABCD'));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['zero', 0, 0],
    ['negative zero', -0, 0],
    ['one decimal', 21.700000762939453, 21.7],
    ['a tie above an even digit', 65536.0625, 65536.06],
    ['a tie below an even digit', 65536.1875, 65536.19],
    ['a negative tie', -65536.0625, -65536.06],
    ['a power of two', 0.125, 0.125],
    ['the largest with a gap of one', 16_777_215, 16_777_215],
    ['a gap of two', 16_777_216, Number.NaN],
    ['a power of two that has a shorter decimal', 2 ** 30, Number.NaN],
    ['more than eight decimals', 2 ** -12, Number.NaN],
    ['less than 2^-14', 2 ** -15, Number.NaN],
    ['a subnormal', 2 ** -149, Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY, Number.NaN],
    ['no number', Number.NaN, Number.NaN],
  ])('reads a float32 that is %s', (_name, raw, value) => {
    const block = compilePlan([factor({ data_type: 'float32' })]).block(1, 'holding', 0, 2);
    const values = new Float64Array(1);
    block.decodeValues(viewOf(encode(raw, 'float32', 'ABCD')), START, values);
    expect(values[0]).toBe(value);
    compare(block, encode(raw, 'float32', 'ABCD'));
  });

  it.each([
    [21.7, 0.25, 5, 123_456_789_012_345, 0.000_000_01],
    [0.000_000_01, 123_456_789_012_345, 1 / 3, 21.7],
    [Number.NaN, Number.POSITIVE_INFINITY, 5],
  ])('reads float64 one after the other: %d, %d, %d, …', (...numbers) => {
    const block = compilePlan([factor({ data_type: 'float64' })]).block(1, 'holding', 0, 4);
    const values = new Float64Array(1);
    for (const number of numbers) {
      const isPlain = Number.isFinite(number) && number !== 1 / 3;
      block.decodeValues(viewOf(encode(number, 'float64', 'ABCD')), START, values);
      expect(values[0]).toBe(isPlain ? number : Number.NaN);
      compare(block, encode(number, 'float64', 'ABCD'));
    }
  });

  it.each([
    ['int64', 2n ** 53n - 1n, 2 ** 53 - 1],
    ['int64', 1n - 2n ** 53n, 1 - 2 ** 53],
    ['int64', 2n ** 53n, Number.NaN],
    ['int64', -(2n ** 53n), Number.NaN],
    ['int64', -(2n ** 63n), Number.NaN],
    ['uint64', 2n ** 53n - 1n, 2 ** 53 - 1],
    ['uint64', 2n ** 53n, Number.NaN],
    ['uint64', 2n ** 64n - 1n, Number.NaN],
  ] satisfies [NumberType, bigint, number][])('reads %s %d as %d', (data_type, raw, value) => {
    const block = compilePlan([factor({ data_type })]).block(1, 'holding', 0, 4);
    const values = new Float64Array(1);
    expect(block.decodeValues(viewOf(encode(raw, data_type, 'ABCD')), START, values)).toBe(
      Number.isNaN(value) ? 1 : 0,
    );
    expect(values[0]).toBe(value);
  });

  it.each([
    ['above 2^53 before', 2n ** 53n + 2n, -1e12],
    ['above 2^53 after', 2n ** 53n - 1n, 1e12],
  ])('leaves a number to the long way that is %s the offset', (_name, raw, data_delta) => {
    const block = compilePlan([factor({ data_type: 'uint64', data_factor: 0.1, data_delta })]).block(
      1,
      'holding',
      0,
      4,
    );
    expect(block.decodeValues(viewOf(encode(raw, 'uint64', 'ABCD')), START, new Float64Array(1))).toBe(1);
  });

  it('is what decode says of every power of two, whatever came before', () => {
    const block = compilePlan([factor({ data_type: 'float32' })]).block(1, 'holding', 0, 2);
    for (const before of [5, 0.5, 0.00390625]) {
      for (let exponent = -149; exponent < 128; exponent += 1) {
        compare(block, encode(before, 'float32', 'ABCD'));
        compare(block, encode(2 ** exponent, 'float32', 'ABCD'));
      }
    }
  });

  it('leaves a float whose scaling has more places than a power of ten is exact for', () => {
    const block = compilePlan([factor({ data_type: 'float32', data_factor: 1.2345678901e-12 })]).block(
      1,
      'holding',
      0,
      2,
    );
    const values = new Float64Array(1);
    expect(block.decodeValues(viewOf(encode(0.5, 'float32', 'ABCD')), START, values)).toBe(1);
    expect(block.decodeValues(viewOf(encode(5, 'float32', 'ABCD')), START, values)).toBe(0);
    expect(values[0]).toBe(6.1728394505e-12);
  });
});

describe('CompiledFactor.lane', () => {
  const usual = { bcd8: 42, bcd16: 42, bcd24: 42, bcd32: 42 } as Partial<Record<NumberType, number>>;

  it.each(NUMBER_TYPES.flatMap((type) => ORDERS.map((order) => [type, order] as const)))(
    'gives ordinary numbers of %s in %s without more ado',
    (data_type, data_endian) => {
      const raw = usual[data_type] ?? 100;
      const block = compilePlan([
        factor({ data_type, data_endian, data_factor: 0.1, data_delta: -40 }),
      ]).block(1, 'holding', 0, 4);
      const values = new Float64Array(1);
      const bytes = Uint8Array.from([...encode(raw, data_type, data_endian), ...new Uint8Array(8)]);
      expect(block.decodeValues(viewOf(bytes), START, values)).toBe(0);
      expect(values[0]).toBe((raw - 400) / 10);
    },
  );
});
