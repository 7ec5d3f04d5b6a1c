import type { FactorOptions } from '@furrow/contracts';
import { decimalOf } from './decimal.ts';
import { add, divide, isBelow, multiply, type Rational, rationalOf, subtract } from './rational.ts';

/** A curve that the scaled number goes through, exact; undefined where it is not defined. */
export type Curve = (x: Rational) => Rational | undefined;

/** The curve of a factor's `lookup` or `polynomial`; undefined when it has neither. */
export function compileCurve({ lookup, polynomial }: FactorOptions): Curve | undefined {
  if (lookup !== undefined) return compileLookup(lookup);
  return polynomial === undefined ? undefined : compilePolynomial(polynomial);
}

interface Point {
  readonly from: Rational;
  readonly to: Rational;
}

/** Straight lines between points whose `from` rise; undefined outside the first and the last. */
function compileLookup(lookup: NonNullable<FactorOptions['lookup']>): Curve {
  const points: readonly Point[] = lookup.map(([from, to]) => ({
    from: rationalOf(decimalOf(from)),
    to: rationalOf(decimalOf(to)),
  }));
  return (x) => {
    const next = points.findIndex(({ from }) => !isBelow(from, x));
    const right = points[next];
    if (right === undefined) return undefined;
    const left = points[next - 1];
    if (left === undefined) return isBelow(x, right.from) ? undefined : right.to;
    const share = divide(subtract(x, left.from), subtract(right.from, left.from));
    return add(left.to, multiply(share, subtract(right.to, left.to)));
  };
}

/** c0 + c1·x + c2·x² + …, by Horner's rule. */
function compilePolynomial(polynomial: readonly number[]): Curve {
  const coefficients = polynomial.map((coefficient) => rationalOf(decimalOf(coefficient)));
  const nothing: Rational = { numerator: 0n, denominator: 1n };
  return (x) => coefficients.reduceRight((sum, coefficient) => add(multiply(sum, x), coefficient), nothing);
}
