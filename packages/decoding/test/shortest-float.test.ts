import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalToNumber, FLOAT32, NO_DECIMALS } from '../src/index.ts';

const anyFloat32 = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -150, max: 127 }).map((exponent) => Math.fround(2 ** exponent)),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((thousandths) => Math.fround(thousandths / 1000)),
);

describe('FLOAT32.shortest', () => {
  // Shortest, then nearest, then even: what Ryu-style printers print (numpy.float32 among them).
  it.each([
    [21.700000762939453, 217n, -1],
    [607.5973510742188, 60759735n, -5],
    [-0.10000000149011612, -1n, -1],
    [0, 0n, 0],
    [1, 1n, 0],
    [16777216, 16777216n, 0],
    [123456792, 12345679n, 1],
    [2 ** -12, 24414062n, -11],
    [1.401298464324817e-45, 1n, -45],
    [1.1754943508222875e-38, 11754944n, -45],
    [3.4028234663852886e38, 34028235n, 31],
    [9.999999350456404e-39, 1n, -38],
  ])('writes %d as %d × 10^%d', (x, digits, exponent) => {
    expect(FLOAT32.shortest(x)).toEqual({ digits, exponent });
  });

  it('reads back as the same float32, and no decimal with a digit less does', () => {
    fc.assert(
      fc.property(anyFloat32, (x) => {
        const { digits, exponent } = FLOAT32.shortest(x);
        expect(Math.fround(decimalToNumber({ digits, exponent }))).toBe(x + 0);
        for (const shorter of [digits / 10n - 1n, digits / 10n, digits / 10n + 1n]) {
          if (digits % 10n === 0n || digits / 10n === 0n) break;
          expect(Math.fround(decimalToNumber({ digits: shorter, exponent: exponent + 1 }))).not.toBe(x);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('FLOAT32.decimalsOf', () => {
  it.each([
    [0, 0],
    [-0, 0],
    [5, 0],
    [21.700000762939453, 1],
    [0.25, 2],
    [0.125, 3],
    [-607.5973510742188, 5],
    [16777216, NO_DECIMALS],
    [2 ** -12, NO_DECIMALS],
    [Math.fround(1e-9), NO_DECIMALS],
    [Number.NaN, NO_DECIMALS],
    [Number.NEGATIVE_INFINITY, NO_DECIMALS],
  ])('counts those of %d as %d', (x, decimals) => {
    expect(FLOAT32.decimalsOf(x, 0)).toBe(decimals);
  });

  it('finds the same from any beginning', () => {
    fc.assert(
      fc.property(anyFloat32, fc.nat({ max: 8 }), (x, hint) => {
        expect(FLOAT32.decimalsOf(x, hint)).toBe(FLOAT32.decimalsOf(x, 0));
      }),
      {
        numRuns: 2000,
        examples: [
          [0.25, 5],
          [0.25, 2],
          [0.25, 0],
        ],
      },
    );
  });

  it('finds the decimal that the long way finds', () => {
    fc.assert(
      fc.property(anyFloat32, (x) => {
        const decimals = FLOAT32.decimalsOf(x, 0);
        fc.pre(decimals !== NO_DECIMALS);
        const quick = Math.round(x * 10 ** decimals) / 10 ** decimals;
        expect(quick + 0).toBe(decimalToNumber(FLOAT32.shortest(x)));
      }),
      { numRuns: 3000 },
    );
  });
});
