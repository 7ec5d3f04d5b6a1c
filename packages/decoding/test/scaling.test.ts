import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileScaling } from '../src/index.ts';
import { decimalNumber, nearestDouble, scaledExactly } from './rational.ts';

describe('compileScaling', () => {
  it.each([
    [3, 0.1, 0, 0.3],
    [-42, 0.1, 0, -4.2],
    [243, 0.1, -40, -15.7],
    [28310, 0.001, 0, 28.31],
    [97359, 0.01, 0, 973.59],
    [7, 1000, 5, 7005],
    [1, 1e12, 1e-12, 1000000000000],
    [0, -0.1, 0, 0],
    [5, -0.2, 1, 0],
    [-1, 1e-12, 1e-12, 0],
  ])('scales %d × %d + %d to %d', (raw, factor, delta, value) => {
    expect(compileScaling(factor, delta).ofFixed(raw, 0)).toBe(value);
  });

  it('takes raw decimals', () => {
    expect(compileScaling(1, 0).ofFixed(217, 1)).toBe(21.7);
    expect(compileScaling(0.1, 0.05).ofFixed(217, 1)).toBe(2.22);
    expect(compileScaling(0.1, 1e-12).ofDecimal({ digits: 3n, exponent: 400 })).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it('knows the scaling that changes nothing', () => {
    expect(compileScaling(1, 0).identity).toBe(true);
    expect(compileScaling(1, 0.1).identity).toBe(false);
    expect(compileScaling(-1, 0).identity).toBe(false);
  });

  it('is one line where that is exact', () => {
    expect(compileScaling(0.1, -40).lineFor(0xffff)).toEqual({ multiplier: 1, offset: -400, divisor: 10 });
    expect(compileScaling(0.1, -40, 'delta_first').lineFor(0xffff)).toEqual({
      multiplier: 1,
      offset: -40,
      divisor: 10,
    });
    expect(compileScaling(1e12, 0).lineFor(0xffff)).toBeUndefined();
    expect(compileScaling(1e12, 1e-12).lineFor(1)).toBeUndefined();
    expect(compileScaling(1.23456789012e-12, 0).lineFor(1)).toBeUndefined();
  });

  const table: readonly [bigint, bigint, number][] = [
    [1n, 0n, 1],
    [1n, -400n, 1],
    [1n, 0n, 3],
    [1n, 27315n, 2],
    [-25n, 3n, 3],
    [333333n, 1n, 6],
    [999999999999n, -999999999999n, 6],
  ];
  it.each(table)(
    'is nearest to the exact result for every 16-bit raw at %d, %d / 10^%d',
    (factor, delta, places) => {
      const scaling = compileScaling(decimalNumber(factor, places), decimalNumber(delta, places));
      const wrong: number[] = [];
      for (let raw = -0x8000; raw <= 0xffff; raw++) {
        if (!Object.is(scaling.ofFixed(raw, 0), scaledExactly(BigInt(raw), factor, delta, places)))
          wrong.push(raw);
      }
      expect(wrong).toEqual([]);
    },
  );

  it('is nearest to the exact result for any raw and any factor and offset of up to 6 decimals', () => {
    // 15 digits: every such decimal is the shortest of its double.
    const decimal = fc.oneof(fc.bigInt(-1_000_000n, 1_000_000n), fc.bigInt(1n - 10n ** 15n, 10n ** 15n - 1n));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: -0x8000, max: 0xffff }),
          fc.integer({ min: -0x80000000, max: 0x7fffffff }),
        ),
        decimal,
        decimal,
        fc.nat({ max: 6 }),
        (raw, factor, delta, places) => {
          const scaling = compileScaling(decimalNumber(factor, places), decimalNumber(delta, places));
          expect(scaling.ofFixed(raw, 0)).toBe(scaledExactly(BigInt(raw), factor, delta, places));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('is nearest to the exact result for raw decimals', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
        fc.nat({ max: 22 }),
        fc.bigInt(-1_000_000n, 1_000_000n),
        fc.bigInt(-1_000_000n, 1_000_000n),
        fc.nat({ max: 12 }),
        (digits, decimals, factor, delta, places) => {
          const scaling = compileScaling(decimalNumber(factor, places), decimalNumber(delta, places));
          const exact = BigInt(digits) * factor + delta * 10n ** BigInt(decimals);
          const expected = nearestDouble(exact, 10n ** BigInt(places + decimals));
          expect(scaling.ofFixed(digits, decimals)).toBe(expected);
          expect(scaling.ofDecimal({ digits: BigInt(digits), exponent: -decimals })).toBe(expected);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
