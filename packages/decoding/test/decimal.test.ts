import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalOf, decimalToNumber, parseDecimal } from '../src/index.ts';
import { nearestDouble } from './rational.ts';

describe('parseDecimal', () => {
  it.each([
    ['0', 0n, 0],
    ['-12.50', -1250n, -2],
    ['+.5', 5n, -1],
    ['5.', 5n, 0],
    ['1e3', 1n, 3],
    ['1.5E-3', 15n, -4],
    ['12345678901234567890', 12345678901234567890n, 0],
  ])('reads %s', (text, digits, exponent) => {
    expect(parseDecimal(text)).toEqual({ digits, exponent });
  });

  it.each([
    '',
    '.',
    '-',
    'e5',
    '1e',
    '1e1000',
    '0x10',
    '1_000',
    '1,5',
    ' 1',
    '1 ',
    '1\n',
    'NaN',
    '1'.repeat(65),
  ])('refuses %j', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });
});

describe('decimalOf', () => {
  it('is the shortest decimal of a double', () => {
    expect(decimalOf(0.1)).toEqual({ digits: 1n, exponent: -1 });
    expect(decimalOf(-1e-12)).toEqual({ digits: -1n, exponent: -12 });
    expect(decimalOf(1e21)).toEqual({ digits: 1n, exponent: 21 });
  });

  it('reads back as the same double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(decimalToNumber(decimalOf(x))).toBe(x + 0);
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is 0 for %s, which is no decimal', (x) => {
    expect(decimalOf(x)).toEqual({ digits: 0n, exponent: 0 });
  });
});

describe('decimalToNumber', () => {
  it('gives the nearest double for any number of digits', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
        fc.nat({ max: 60 }),
        (digits, places) => {
          expect(decimalToNumber({ digits, exponent: -places })).toBe(
            nearestDouble(digits, 10n ** BigInt(places)),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('decides near midpoints by the last of many digits', () => {
    // 2^53 + 1 is the midpoint of two doubles; one more digit, forty places on, tips it.
    const midpoint = (2n ** 53n + 1n) * 10n ** 40n;
    expect(decimalToNumber({ digits: midpoint, exponent: -40 })).toBe(2 ** 53);
    expect(decimalToNumber({ digits: midpoint + 1n, exponent: -40 })).toBe(2 ** 53 + 2);
    expect(decimalToNumber({ digits: midpoint - 1n, exponent: -40 })).toBe(2 ** 53);
  });

  it('never gives negative zero', () => {
    expect(decimalToNumber({ digits: -1n, exponent: -400 })).toBe(0);
    expect(decimalToNumber({ digits: 0n, exponent: 5 })).toBe(0);
  });

  it('is infinite beyond the largest double', () => {
    expect(decimalToNumber({ digits: -1n, exponent: 400 })).toBe(Number.NEGATIVE_INFINITY);
  });
});
