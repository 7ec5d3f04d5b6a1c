import { MAX_PAGE_SIZE } from '@furrow/timeseries';
import { z } from 'zod';

const wholeNumber = (name: string, min: number, max: number) => {
  const rule = `${name} is a whole number from ${min} to ${max}`;
  return z
    .string(rule)
    .regex(/^\d{1,15}$/, rule)
    .transform(Number)
    .refine((n) => n >= min && n <= max, rule);
};

/** Query of the routes that answer a factor's history (reference: "Get Factor Data"). Unknown parameters are ignored. */
export const historyQuerySchema = z.object({
  page: wholeNumber('page', 1, 1_000_000_000).default(1),
  page_size: wholeNumber('page_size', 1, MAX_PAGE_SIZE).default(50),
  /** UTC seconds; only readings after it. */
  min_timestamp: wholeNumber('min_timestamp', 0, 99_999_999_999).default(0),
});

/** An integer primary key in a path. */
export const primaryKeySchema = (name: string) => wholeNumber(name, 1, 2_147_483_647);
