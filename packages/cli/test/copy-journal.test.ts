import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgriId } from '@furrow/contracts';
import type { FactorDay } from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { type Block, blocksOf } from '../src/copy/blocks.ts';
import { Journal, journalName } from '../src/copy/journal.ts';
import { UsageError } from '../src/errors.ts';

const HEADER = { from: 'duckdb:/a', to: 'timestream://b/c', projects: [], since: null };

const factor = (name: string, points = 3): FactorDay => {
  const agriId = name as AgriId;
  return { agriId, device: agriId, orgId: 'o', projectId: 'p', theType: 'temp', points };
};
const block = (day: number, ...factors: FactorDay[]): Block => {
  return { day, factors, points: factors.reduce((sum, { points }) => sum + points, 0) };
};
const A = factor('a');
const B = factor('b');
const C = factor('c');

describe('Journal', () => {
  it('knows after opening again what is done, by day and as long as it has not grown', async () => {
    const file = join(await tempFolder(), 'j');
    const journal = await Journal.open(file, HEADER);
    expect([...journal.doneOf(1, [A, B])]).toEqual([]);
    await Promise.all([journal.done(block(1, A, B), 6), journal.done(block(2, A), 3)]);
    await journal.close();
    const again = await Journal.open(file, HEADER);
    expect(again.doneOf(1, [A, B, C])).toEqual(new Set(['a', 'b']));
    expect(again.doneOf(2, [A, B])).toEqual(new Set(['a']));
    expect(again.doneOf(1, [A, factor('b', 4)])).toEqual(new Set());
    expect(again.doneOf(1, [A, factor('aa', 0), B])).toEqual(new Set());
    expect(again.points).toBe(9);
    await again.again(block(1, B, C));
    await again.close();
    const third = await Journal.open(file, HEADER);
    expect([...third.doneOf(1, [A, B])]).toEqual([]);
    await third.close();
  });

  it('takes a line that a crash cut off for one that was not written', async () => {
    const file = join(await tempFolder(), 'j');
    const journal = await Journal.open(file, HEADER);
    await journal.done(block(1, A), 3);
    await journal.close();
    const whole = await readFile(file, 'utf8');
    await appendFile(file, '{"day":2,"first":"é');
    const again = await Journal.open(file, HEADER);
    expect(await readFile(file, 'utf8')).toBe(whole);
    await again.done(block(3, A), 3);
    await again.close();
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(4);
  });

  it.each([
    ['another source', { ...HEADER, from: 'duckdb:/z' }, /another --from \("duckdb:\/a"\); name another/],
    ['another destination', { ...HEADER, to: 'duckdb:/z' }, /another --to/],
    ['another project', { ...HEADER, projects: ['p'] }, /another --project \(\[\]\)/],
    ['another time', { ...HEADER, since: '2026-01-01' }, /another --since \(null\)/],
  ])('is refused for %s', async (_, header, message) => {
    const file = join(await tempFolder(), 'j');
    await (await Journal.open(file, HEADER)).close();
    const opening = Journal.open(file, header);
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow(message);
  });

  it.each([
    ['something else', 'hello\nworld\n', /is no journal of a copy/],
    ['nothing', '', /is no journal of a copy/],
    [
      'a damaged line',
      `${JSON.stringify({ furrow_copy: 1, ...HEADER })}\n{"day":-1}\n`,
      /line 2 of .* is damaged/,
    ],
  ])('is refused when the file holds %s', async (_, text, message) => {
    const file = join(await tempFolder(), 'j');
    await writeFile(file, text);
    await expect(Journal.open(file, HEADER)).rejects.toThrow(message);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('is refused when it is a folder', async () => {
    const file = join(await tempFolder(), 'j');
    await mkdir(file);
    await expect(Journal.open(file, HEADER)).rejects.toThrow(/^cannot read .*: illegal operation/);
  });

  it('has a name that tells of both stores and holds no slash', () => {
    expect(journalName('duckdb:/data/points.duckdb', 'timestream://farm/points')).toMatch(
      /^furrow-copy-duckdb-data-points\.duckdb--timestream-farm-points-[0-9a-f]{8}\.journal$/,
    );
  });
});

describe('blocksOf', () => {
  it('fills blocks up to a number of factors and of points, and leaves a large factor alone', () => {
    const many = Array.from({ length: 1_200 }, (_, i) => factor(`d-${10_000 + i}`, 10));
    expect(blocksOf(1, many).map(({ factors, points }) => [factors.length, points])).toEqual([
      [500, 5_000],
      [500, 5_000],
      [200, 2_000],
    ]);
    const large = [factor('a', 30_000), factor('b', 30_000), factor('c', 900_000), factor('d', 1)];
    expect(blocksOf(1, large).map(({ points }) => points)).toEqual([30_000, 30_000, 900_000, 1]);
    expect(blocksOf(1, [])).toEqual([]);
  });

  it('reaches over no factor that is done', () => {
    const blocks = blocksOf(1, [A, B, C], new Set([B.agriId]));
    expect(blocks.map(({ factors }) => factors)).toEqual([[A], [C]]);
  });
});
