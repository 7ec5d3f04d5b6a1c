import { z } from 'zod';

const link = z.url().nullable();

/** One page of a list (reference: "For paginated data"). */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    count: z.int().describe('Items on all pages together'),
    next: link.describe('Address of the next page; null on the last'),
    previous: link.describe('Address of the page before; null on the first'),
    results: z.array(item),
  });
}

/** The page's answer, its links on the address that was asked. */
export function pageAnswer<Item>(
  url: URL,
  { page, pageSize, count }: { readonly page: number; readonly pageSize: number; readonly count: number },
  results: readonly Item[],
) {
  const pages = Math.max(1, Math.ceil(count / pageSize));
  const link = (number: number) => {
    const target = new URL(url);
    target.searchParams.set('page', String(number));
    return target.href;
  };
  return {
    count,
    next: page < pages ? link(page + 1) : null,
    previous: page > 1 ? link(Math.min(page - 1, pages)) : null,
    results: [...results],
  };
}
