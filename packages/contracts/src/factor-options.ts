import { z } from 'zod';

/** Text that spells a decimal number, as in an uplink. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const INTEGER = /^(?:0|-?[1-9]\d{0,19})$/;

const limits = {
  magnitude: 1e12,
  sentinels: 16,
  sentinelLength: 64,
  labels: 256,
  labelLength: 64,
  lookupPoints: 64,
  polynomialDegree: 5,
  decimals: 12,
  lastBit: 15,
  registers: 125,
} as const;

const tableNumber = z
  .number('a table is made of finite numbers')
  .min(-limits.magnitude, `a table holds numbers of at most ${limits.magnitude} in size`)
  .max(limits.magnitude, `a table holds numbers of at most ${limits.magnitude} in size`);

function isSentinel(raw: unknown): boolean {
  if (typeof raw === 'string') return raw.length <= limits.sentinelLength && DECIMAL.test(raw);
  return Number.isFinite(raw);
}

const bound = (name: string) => z.number(`${name} is a finite number`);

/**
 * What a factor may say beyond the linear form; every field is optional. A raw number goes through them in this order:
 * `sentinels`, linear scaling by `order`, `lookup` or `polynomial`, `decimals`, `min`/`max`; `labels` stand beside the result.
 */
export const factorOptionShape = {
  /** For data_type `bit`: which bit of the register, 0 the least significant. */
  bit: z
    .int('bit is a whole number')
    .min(0, `bit is 0 to ${limits.lastBit}`)
    .max(limits.lastBit, `bit is 0 to ${limits.lastBit}`)
    .optional(),
  /** For text: how many registers it takes. */
  length: z
    .int('length is a whole number of registers')
    .min(1, `length is 1 to ${limits.registers} registers`)
    .max(limits.registers, `length is 1 to ${limits.registers} registers`)
    .optional(),
  /** `factor_first` (default): raw × data_factor + data_delta. `delta_first`: (raw + data_delta) × data_factor. */
  order: z.enum(['factor_first', 'delta_first'], 'order is factor_first or delta_first').optional(),
  /** `[scaled, value]` pairs, the first numbers rising; between two the value is on the straight line, outside none. */
  lookup: z
    .array(z.tuple([tableNumber, tableNumber], 'a lookup point is [from, to]'), 'lookup is a list of points')
    .min(2, `lookup has 2 to ${limits.lookupPoints} points`)
    .max(limits.lookupPoints, `lookup has 2 to ${limits.lookupPoints} points`)
    .refine(
      (points) => points.every(([from], at) => at === 0 || from > (points[at - 1]?.[0] ?? from)),
      'the first numbers of the lookup points rise',
    )
    .optional(),
  /** Coefficients c0, c1, … of c0 + c1·x + c2·x² …, x being the scaled number. */
  polynomial: z
    .array(tableNumber, 'polynomial is a list of coefficients')
    .min(1, `polynomial has 1 to ${limits.polynomialDegree + 1} coefficients`)
    .max(
      limits.polynomialDegree + 1,
      `polynomial is of degree ${limits.polynomialDegree} at most: ${limits.polynomialDegree + 1} coefficients`,
    )
    .optional(),
  /** What raw whole numbers stand for, by their decimal text: `{"0": "closed", "1": "open"}`. */
  labels: z
    .record(
      z.string().regex(INTEGER),
      z
        .string('a label is text')
        .min(1, `a label has 1 to ${limits.labelLength} characters`)
        .max(limits.labelLength, `a label has 1 to ${limits.labelLength} characters`),
      {
        error: ({ code }) =>
          code === 'invalid_key'
            ? 'a label stands for a whole number'
            : 'labels is an object of texts by raw number',
      },
    )
    .refine(
      (labels) => Object.keys(labels).length <= limits.labels,
      `labels has at most ${limits.labels} texts`,
    )
    .optional(),
  /** Raw numbers that mean "no reading"; decimal text for those beyond 2^53. */
  sentinels: z
    .array(
      z.custom<number | string>(isSentinel, 'a sentinel is a finite number, or a number as decimal text'),
      'sentinels is a list of raw numbers',
    )
    .max(limits.sentinels, `sentinels has at most ${limits.sentinels} numbers`)
    .optional(),
  /** The plausible range of the value, both ends included. */
  min: bound('min').optional(),
  max: bound('max').optional(),
  /** What becomes of a value outside min and max: refused (`reject`, default), or put on the nearer end (`clamp`). */
  out_of_range: z.enum(['reject', 'clamp'], 'out_of_range is reject or clamp').optional(),
  /** How many decimals the value is rounded to, halves away from zero. */
  decimals: z
    .int('decimals is a whole number')
    .min(0, `decimals is 0 to ${limits.decimals}`)
    .max(limits.decimals, `decimals is 0 to ${limits.decimals}`)
    .optional(),
};

const shape = z.object(factorOptionShape);
export type FactorOptions = z.output<typeof shape>;

/** A rule that joins several fields: the field to name, and the rule that it breaks. */
export interface FactorRuleIssue {
  readonly field: string;
  readonly rule: string;
}

/** The rules that join several options; `dataType` is the normal name. */
export function optionIssue(
  options: FactorOptions,
  dataType: string,
  isText: boolean,
): FactorRuleIssue | undefined {
  const { bit, length, lookup, polynomial, min, max, out_of_range } = options;
  if ((bit !== undefined) !== (dataType === 'bit')) {
    return { field: 'bit', rule: 'bit goes with data_type bit, which needs it' };
  }
  if ((length !== undefined) !== isText) {
    return { field: 'length', rule: 'length goes with the text types, which need it' };
  }
  if (lookup !== undefined && polynomial !== undefined) {
    return { field: 'polynomial', rule: 'a factor has a lookup or a polynomial, not both' };
  }
  if (min !== undefined && max !== undefined && min > max) {
    return { field: 'min', rule: 'min is not above max' };
  }
  if (out_of_range === 'clamp' && min === undefined && max === undefined) {
    return { field: 'out_of_range', rule: 'clamp needs a min or a max' };
  }
  return undefined;
}
