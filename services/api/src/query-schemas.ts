import { MAX_PAGE_SIZE } from '@furrow/timeseries';
import { z } from 'zod';

/** A whole number in a path or a query. */
export function wholeNumber(name: string, min: number, max: number) {
  const rule = `${name} is a whole number from ${min} to ${max}`;
  return z
    .string(rule)
    .regex(/^\d{1,15}$/, rule)
    .transform(Number)
    .refine((n) => n >= min && n <= max, rule)
    .meta({ type: 'integer', minimum: min, maximum: max });
}

/** The same with a value for when it is not given. */
function wholeNumberOr(fallback: number, name: string, min: number, max: number) {
  return wholeNumber(name, min, max).default(fallback);
}

/** An integer primary key in a path. */
export const primaryKeySchema = (name: string) => wholeNumber(name, 1, 2_147_483_647);

/** No query: parameters that nobody reads are ignored. */
export const noQuery = z.object({});

/** Query of the routes that answer a factor's history (reference: "Get Factor Data"). */
export const historyQuerySchema = z.object({
  page: wholeNumberOr(1, 'page', 1, 1_000_000_000),
  page_size: wholeNumberOr(50, 'page_size', 1, MAX_PAGE_SIZE),
  min_timestamp: wholeNumberOr(0, 'min_timestamp', 0, 99_999_999_999).describe(
    'UTC seconds; only readings after it',
  ),
});

/** Largest page of a list. */
const MAX_LIST_PAGE_SIZE = 1_000;

/** Query of the lists that come in pages (reference: "Pagination"). */
export const pageQueryShape = {
  page: wholeNumberOr(1, 'page', 1, 1_000_000),
  page_size: wholeNumberOr(20, 'page_size', 1, MAX_LIST_PAGE_SIZE),
};

/** One key of an order. */
export interface OrderKey<Field extends string> {
  readonly field: Field;
  readonly descending: boolean;
}

/**
 * `ordering=-bind_time,device_id`: names joined by commas, the most important first, `-` for descending. `fields` maps the names that
 * a caller may write to those of the code.
 */
export function orderingSchema<Field extends string>(fields: Readonly<Record<string, Field>>) {
  const rule = `ordering is made of ${Object.keys(fields).join(', ')}, joined by ",", each with "-" before it for descending`;
  return z
    .string(rule)
    .transform((text, context): readonly OrderKey<Field>[] => {
      const keys = text.split(',').map((part) => ({
        field: Object.hasOwn(fields, part.replace(/^-/, '')) ? fields[part.replace(/^-/, '')] : undefined,
        descending: part.startsWith('-'),
      }));
      const known = keys.flatMap(({ field, descending }) =>
        field === undefined ? [] : [{ field, descending }],
      );
      if (known.length === keys.length && keys.length <= Object.keys(fields).length) return known;
      context.addIssue({ code: 'custom', message: rule, input: text });
      return z.NEVER;
    })
    .optional()
    .describe(rule)
    .meta({ type: 'string', examples: [`-${Object.keys(fields).at(-1)}`] });
}

/** Text to look for, in any letter case. */
export const searchSchema = z
  .string('search is text, given once')
  .max(200, 'search has at most 200 characters')
  .optional();
