import { agriId } from '@furrow/contracts';
import { describe, expect, it } from 'vitest';
import { type CacheableAnswer, ResponseCache } from '../src/response-cache.ts';

const query = { key: 'latest', agriId: agriId('d-1-00'), ttlMs: 60_000, fresh: false };

describe('ResponseCache', () => {
  it('does not keep a failure', async () => {
    const cache = new ResponseCache();
    await expect(cache.get(query, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get(query, async () => ({ body: 1, empty: false }))).toBe(1);
  });

  it('keeps an answer without readings for a second only', async () => {
    let now = 1_000;
    const cache = new ResponseCache(() => now);
    expect(await cache.get(query, async () => ({ body: 'none', empty: true }))).toBe('none');
    expect(await cache.get(query, async () => ({ body: 'some', empty: false }))).toBe('none');
    now += 1_500;
    expect(await cache.get(query, async () => ({ body: 'some', empty: false }))).toBe('some');
    now += 59_000;
    expect(await cache.get(query, async () => ({ body: 'more', empty: false }))).toBe('some');
    now += 2_000;
    expect(await cache.get(query, async () => ({ body: 'more', empty: false }))).toBe('more');
  });

  it('does not keep an answer that was begun before the readings that change it', async () => {
    const cache = new ResponseCache();
    let end: (answer: CacheableAnswer) => void = () => {};
    const early = cache.get(
      query,
      () =>
        new Promise<CacheableAnswer>((resolve) => {
          end = resolve;
        }),
    );
    cache.invalidate(query.agriId);
    end({ body: 'old', empty: false });
    expect(await early).toBe('old');
    expect(await cache.get(query, async () => ({ body: 'new', empty: false }))).toBe('new');
  });

  it('ends the answers of the devices above a reading, and no others', async () => {
    const cache = new ResponseCache();
    const ask = (id: string, body: string) =>
      cache.get({ ...query, agriId: agriId(id) }, async () => ({ body, empty: false }));
    for (const id of ['d-1', 'd-1-00', 'd-10']) await ask(id, 'old');
    cache.invalidate(agriId('d-1-00'));
    expect(await Promise.all(['d-1', 'd-1-00', 'd-10'].map((id) => ask(id, 'new')))).toEqual([
      'new',
      'new',
      'old',
    ]);
  });
});
