import { describe, expect, it } from 'vitest';
import { explainFactor, MAX_ALTERNATIVES, parseHex, type ReadData } from '../src/index.ts';
import { factor } from './registers.ts';

const registers = (hex: string, address = 0): ReadData => ({
  address,
  kind: 'registers',
  data: parseHex(hex) ?? new Uint8Array(0),
});

describe('explainFactor', () => {
  it('tells every step from bytes to value', () => {
    const explained = explainFactor(
      factor({
        address: 100,
        data_index: 1,
        data_type: 'int16',
        data_factor: 0.1,
        data_delta: -40,
        decimals: 1,
      }),
      registers('0292FF9B', 100),
    );
    expect(explained.result).toEqual({ ok: true, value: -50.1 });
    expect(explained.steps).toEqual([
      { step: 'bytes', text: 'FF9B: registers 101 to 101, bytes 2 to 3 of the data' },
      { step: 'order', text: 'ABCD: the high register first, the high byte of each first' },
      { step: 'raw', text: 'read as int16: -101' },
      { step: 'scaling', text: '-101 × 0.1 + -40, rounded to 1 decimals' },
      { step: 'value', text: '-50.1' },
    ]);
  });

  it('tells the other forms of scaling', () => {
    const lookup = factor({
      order: 'delta_first',
      lookup: [
        [0, 0],
        [9, 9],
      ],
    });
    expect(explainFactor(lookup, registers('0003')).steps.at(3)?.text).toBe(
      '(3 + 0) × 1, through a lookup table of 2 points',
    );
    const polynomial = factor({ polynomial: [0, 0, 1] });
    expect(explainFactor(polynomial, registers('0003')).steps.at(3)?.text).toBe(
      '3 × 1 + 0, through a polynomial of degree 2',
    );
  });

  it('finds the byte order that gives a believable value', () => {
    // JUMO 701061 manual, page 22: 8000 4409 is 550.0 with the low register first.
    const wrong = factor({ data_type: 'float', data_endian: 'ABCD' });
    const explained = explainFactor(wrong, registers('80004409'), { min: 0, max: 1000 });
    expect(explained.alternatives[0]).toEqual({
      data_type: 'float32',
      data_endian: 'CDAB',
      value: 550,
      plausible: true,
    });
  });

  it('ranks by what measurements usually are when no range is known', () => {
    const explained = explainFactor(
      factor({ data_type: 'float', data_endian: 'DCBA' }),
      registers('41AD999A'),
    );
    expect(explained.alternatives[0]).toMatchObject({
      data_type: 'float32',
      data_endian: 'ABCD',
      value: 21.7,
      plausible: true,
    });
    expect(explained.alternatives.length).toBeLessThanOrEqual(MAX_ALTERNATIVES);
    const plausible = explained.alternatives.map((alternative) => alternative.plausible);
    expect(plausible).toEqual(plausible.toSorted((a, b) => Number(b) - Number(a)));
  });

  it('judges by the range of the factor, which refuses no alternative', () => {
    const narrow = factor({ data_type: 'uint16', min: 5 });
    const explained = explainFactor(narrow, registers('0100'));
    expect(explained.alternatives).toContainEqual({
      data_type: 'uint16',
      data_endian: 'BADC',
      value: 1,
      plausible: false,
    });
    expect(explained.alternatives.some(({ data_type }) => data_type === 'float32')).toBe(false);
  });

  it('takes a range with one end', () => {
    const values = (range: { min?: number; max?: number }): unknown =>
      explainFactor(factor(), registers('0102'), range)
        .alternatives.filter(({ plausible }) => plausible)
        .map(({ value }) => value);
    expect(values({ min: 258 })).toEqual([513, 258, 513]);
    expect(values({ max: 0 })).toEqual([]);
  });

  it('calls zero believable', () => {
    expect(explainFactor(factor(), registers('0000')).alternatives[0]).toMatchObject({
      value: 0,
      plausible: true,
    });
  });

  it('explains a bit, which has no other reading', () => {
    const coil = factor({ modbus_type: 'coil', data_type: 'bool', address: 10 });
    const explained = explainFactor(coil, { address: 1, kind: 'bits', data: Uint8Array.of(0, 2) });
    expect(explained).toMatchObject({ result: { ok: true, value: 1 }, alternatives: [] });
    expect(explained.steps.map(({ text }) => text)).toEqual([
      'bit 1 of byte 1: address 10',
      'read as coil: 1',
      '1 × 1 + 0',
      '1',
    ]);
  });

  it('explains a failure', () => {
    const explained = explainFactor(factor({ data_type: 'bcd16' }), registers('FFFF'));
    expect(explained.steps.at(-1)?.text).toBe('decode_failed: the registers hold no bcd16');
  });

  it.each([
    ['before the data', registers('0001', 5)],
    ['behind the data', registers('')],
    ['in another table', { address: 0, kind: 'bits', data: Uint8Array.of(1) } as const],
  ])('has nothing to tell of a factor %s', (_, read) => {
    expect(explainFactor(factor(), read)).toMatchObject({ result: { reason: 'frame_unmatched' }, steps: [] });
  });

  it('names a wrong definition', () => {
    const wrong = { ...factor(), data_factor: 0 };
    expect(explainFactor(wrong, registers('0001'))).toMatchObject({
      result: { reason: 'decode_failed', message: expect.stringContaining('data_factor') },
    });
  });
});
