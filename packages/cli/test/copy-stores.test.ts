import type { Point } from '@furrow/contracts';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { innerFailure, throttle } from '../../timeseries/test/timestream/fake/faults.ts';
import { CopyStoppedError } from '../src/errors.ts';
import { contents, DAY, ENGINES, fleet, NOON, openTimestream, runBetween } from './copy-setup.ts';

const duckdb = (folder: string) => ENGINES['duckdb']?.(folder) ?? Promise.reject(new Error('no engine'));
const names = Object.keys(ENGINES);
const pairs = names.flatMap((from) => names.map((to) => [from, to] as const));

/** A filled source and an empty destination, both DuckDB. */
async function filled(points: readonly Point[] = fleet(12, 3, 20)) {
  const folder = await tempFolder();
  const [from, to] = [await duckdb(folder), await duckdb(folder)];
  await from.write(points);
  return { folder, from, to, points };
}

describe('furrow copy', () => {
  it.each(pairs)('copies from %s to %s, bit for bit, and a second time changes nothing', async (from, to) => {
    const folder = await tempFolder();
    const [source, destination] = [await ENGINES[from]?.(folder), await ENGINES[to]?.(folder)];
    if (source === undefined || destination === undefined) throw new Error('no engine');
    const points = fleet(12, 3, 20);
    await source.write(points);
    const { ok, text } = await runBetween(source, destination, folder);
    expect(text).toContain('Copied 720 points');
    expect(text).toContain('Verified 720 points on 36 days of single factors: all are at the destination.');
    expect(ok).toBe(true);
    const expected = await contents(source);
    expect(expected.size).toBe(720);
    expect(await contents(destination)).toEqual(expected);
    expect((await runBetween(source, destination, await tempFolder())).ok).toBe(true);
    expect(await contents(destination)).toEqual(expected);
  });

  it('copies one project, from one day on', async () => {
    const { folder, from, to } = await filled();
    const selection = { projects: ['yanji-lab/field-beta'], sinceDay: Math.floor(NOON / DAY) - 1 };
    const { ok, text } = await runBetween(from, to, folder, { selection });
    expect([ok, text]).toEqual([true, expect.stringContaining('Copied 240 points')]);
    const found = [...(await contents(to)).values()];
    expect(found).toHaveLength(240);
    expect(found.every((point) => point.includes('field-beta'))).toBe(true);
    const unknown = { projects: ['greenhouse'], sinceDay: undefined };
    expect((await runBetween(from, to, folder, { selection: unknown })).error).toMatchObject({
      message: expect.stringMatching(/project greenhouse in that time; it has yanji-lab\/field-beta, /),
    });
  });

  it('shows what it would copy and opens no destination for it; an empty source is nothing to copy', async () => {
    const { folder, from, to } = await filled();
    const openTo = () => Promise.reject(new Error('opened'));
    const { ok, text } = await runBetween(from, to, folder, { mode: 'dry-run', openTo });
    expect(ok).toBe(true);
    expect(text).toMatch(/720 points of 12 factors on 3 days, .*\n.*\n +yanji-lab\/field-beta +6 +3 +360\n/);
    expect(await runBetween(to, from, folder, { openTo })).toMatchObject({
      ok: true,
      text: expect.stringContaining('nothing to copy'),
    });
  });

  it('goes on where it was stopped, and does not read what is done again', async () => {
    const { folder, from, points } = await filled(fleet(30, 6, 30));
    const { fake, store } = await openTimestream();
    const stop = new AbortController();
    fake.fault = ({ operation, nth }) => {
      if (operation === 'WriteRecords' && nth === 40) stop.abort();
      return undefined;
    };
    const first = await runBetween(from, store, folder, { stop });
    expect(first.ok).toBe(undefined);
    expect(stop.signal.aborted).toBe(true);
    const written = fake.table.rows.size;
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(points.length);
    const second = await runBetween(from, store, folder);
    expect([second.ok, second.text]).toEqual([
      true,
      expect.stringMatching(/[1-9]\d* were done by an earlier run/),
    ]);
    expect(fake.table.rows.size).toBe(points.length);
    const third = await runBetween(from, store, folder);
    expect(third.text).toContain('Copied 0 points');
  });

  it('copies a finished day again when more points came to it', async () => {
    const { folder, from, to, points } = await filled();
    await runBetween(from, to, folder);
    const [point] = points;
    if (point === undefined) throw new Error('no point');
    await from.write([{ ...point, t: point.t + 1 }]);
    const { ok, text } = await runBetween(from, to, folder);
    expect([ok, text]).toEqual([true, expect.stringContaining('Copied 241 points')]);
    expect(text).toContain('1 stored, 240 stored already, 480 were done by an earlier run');
  });

  it('gets through throttling and inner failures on both sides', async () => {
    const { folder, points } = await filled(fleet(40, 3, 25));
    const [source, destination] = [await openTimestream({ pageRows: 100 }), await openTimestream()];
    await source.store.write(points);
    source.fake.fault = ({ operation, nth }) =>
      operation === 'Query' && nth % 50 === 49 ? innerFailure : undefined;
    destination.fake.fault = ({ operation, nth }) =>
      operation === 'WriteRecords' && nth % 3 !== 2 ? throttle : undefined;
    expect(await runBetween(source.store, destination.store, folder)).toMatchObject({ ok: true });
    expect(destination.fake.table.rows.size).toBe(points.length);
  });

  it('stops when the destination takes nothing for too long, and says why', async () => {
    const { folder, from } = await filled();
    const { fake, store } = await openTimestream();
    fake.fault = ({ operation }) => (operation === 'WriteRecords' ? throttle : undefined);
    const troubles: string[] = [];
    const onTrouble = (text: string) => troubles.push(text);
    const limits = { giveUpAfterMs: 1_000, firstWaitMs: 5, longestWaitMs: 20, onTrouble };
    const { error } = await runBetween(from, store, folder, { limits });
    expect(error).toBeInstanceOf(CopyStoppedError);
    expect(String(error)).toMatch(/the destination has taken none .*throttle/i);
    expect(troubles[0]).toMatch(/has taken none .*, trying again: .*throttle/i);
  });

  it('stops when the source fails at the same place for ever', async () => {
    const { folder, to, points } = await filled(fleet(12, 1, 20));
    const { fake, store } = await openTimestream({ pageRows: 50 });
    await store.write(points);
    // The first page of a scan has no rows, the second some; the third never comes.
    let begun: number | undefined;
    fake.fault = ({ operation, nth }) => {
      if (operation !== 'Query' || !fake.statements.at(-1)?.includes(' IN (')) return undefined;
      begun ??= nth - 1;
      return (nth - begun) % 3 === 2 ? innerFailure : undefined;
    };
    const limits = { giveUpAfterMs: 150, firstWaitMs: 5, longestWaitMs: 20 };
    const { error } = await runBetween(store, to, folder, { limits });
    expect(String(error)).toMatch(/the source cannot be read for .*: .*Something went wrong/);
  });

  it('lists what the destination refuses, and finds it missing; the next run copies it', async () => {
    const { folder, from, points } = await filled();
    const { fake, store } = await openTimestream();
    fake.refuses = (_, index) => (index === 5 ? 'The record is not liked.' : undefined);
    const { ok, text } = await runBetween(from, store, folder);
    const refused = points.length - fake.table.rows.size;
    expect(refused).toBeGreaterThan(5);
    expect(ok).toBe(false);
    expect(text).toMatch(
      new RegExp(`${refused} were refused by the destination:\n  ${refused}: .*not liked.*d-1`),
    );
    expect(text).toContain(`${refused} points missing and 0 wrong`);
    fake.refuses = () => undefined;
    expect(await runBetween(from, store, folder)).toMatchObject({ ok: true });
    expect(fake.table.rows.size).toBe(points.length);
  });
});

describe('furrow copy, verifying', () => {
  it('names missing and wrong points, and keeps newer and further ones apart', async () => {
    const { folder, from, to, points } = await filled();
    const [one, two, three, four] = points;
    if (one === undefined || two === undefined || three === undefined || four === undefined) return;
    await to.write([
      { ...one, value: 1.5 },
      { ...two, version: two.version + 1, value: 9 },
      { ...three, t: three.t + 1 },
    ]);
    const copied = await runBetween(from, to, folder);
    expect(copied.ok).toBe(false);
    expect(copied.text).toContain('1 differ, 0 points missing and 1 wrong:');
    expect(copied.text).toContain(
      `  ${one.agriId} on ${new Date(one.t).toISOString().slice(0, 10)}: 0 missing, 1 wrong; ${new Date(one.t).toISOString()} is 1.5 for -0`,
    );
    expect(copied.text).toContain('1 points are newer at the destination.');
    expect(copied.text).toContain('1 points are at the destination only.');

    await from.write([{ ...four, t: four.t + 7 }]);
    const again = await runBetween(from, to, folder, { mode: 'verify-only' });
    expect([again.ok, again.text]).toEqual([false, expect.stringContaining('1 points missing and 1 wrong')]);
    expect(again.text).not.toContain('Copied');
  });

  it('takes a version of the destination that is older than the source for wrong', async () => {
    const { folder, from, to, points } = await filled();
    expect((await runBetween(from, to, folder)).ok).toBe(true);
    const [point] = points;
    if (point === undefined) return;
    await from.write([{ ...point, version: point.version + 5 }]);
    const verified = await runBetween(from, to, folder, { mode: 'verify-only' });
    expect(verified).toMatchObject({ ok: false, text: expect.stringContaining('is an older version') });
    expect(await runBetween(from, to, folder)).toMatchObject({ ok: true });
  });

  it('finds nothing at an empty destination, for every factor and day', async () => {
    const { folder, from, to } = await filled();
    const { ok, text } = await runBetween(from, to, folder, { mode: 'verify-only' });
    expect(ok).toBe(false);
    expect(text).toContain('36 differ, 720 points missing and 0 wrong');
    expect(text).toContain('  and 26 more');
  });
});
