import { describe, expect, it, vi } from 'vitest';
import { printList } from '../src/operate/rows.ts';

/** What a list of `count` rows prints of its page, on both streams. */
async function printed(count: number, names: readonly string[], flags: object = {}) {
  const out: string[] = [];
  const take = (text: string | Uint8Array, done?: unknown) => {
    out.push(String(text));
    if (typeof done === 'function') Reflect.apply(done, undefined, []);
    return true;
  };
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(take);
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    const rows = names.map((name, at) => ({ name, at, when: new Date(0), gone: null }));
    await printList({ count, rows }, { page: 1, limit: 2, ...flags }, 'things', (row) => row);
    return { out: out.join(''), error: error.mock.calls.flat().join('\n') };
  } finally {
    write.mockRestore();
    error.mockRestore();
  }
}

describe('printList', () => {
  it('aligns columns, and shows nothing as a dash and what could move the cursor as its number', async () => {
    expect(await printed(2, ['a\u001b[2J', 'bc'])).toEqual({
      out: [
        'name        at  when                  gone',
        'a\\u001b[2J   0  1970-01-01T00:00:00Z  –',
        'bc           1  1970-01-01T00:00:00Z  –',
        '',
      ].join('\n'),
      error: '',
    });
  });

  it('prints lines of JSON with every field whole', async () => {
    const long = 'x'.repeat(100);
    const { out } = await printed(1, [long], { json: true });
    expect(out).toBe(`{"name":"${long}","at":0,"when":"1970-01-01T00:00:00.000Z","gone":null}\n`);
  });

  it.each([
    [5_000, ['a', 'b'], { page: 2 }, '3 to 4 of 5,000 things; --page 3 shows the next'],
    [5, ['a'], { page: 3 }, '5 to 5 of 5 things'],
    [5, [], { page: 9 }, 'none of 5 things'],
    [0, [], {}, 'No things.'],
  ])('says on standard error how much there is of %d', async (count, names, flags, message) => {
    expect((await printed(count, names, flags)).error).toBe(message);
  });
});
