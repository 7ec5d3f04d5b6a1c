import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '@furrow/timeseries';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FurrowProcess } from '../../../test/support/furrow-process.ts';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { FakeInflux } from '../../timeseries/test/influx/fake-influx.ts';
import { FakeTimestream } from '../../timeseries/test/timestream/fake/fake-timestream.ts';
import { CREDENTIALS } from '../../timeseries/test/timestream/fake/signature.ts';
import { DAY, fleet, NOON } from './copy-setup.ts';

const SINCE = new Date(NOON - 9 * DAY).toISOString().slice(0, 10);

/** A DuckDB file with points, closed again. */
async function sourceFile(folder: string, points = fleet(20, 4, 30)): Promise<string> {
  const url = `duckdb:${join(folder, 'from.duckdb')}`;
  const store = await openStore(url);
  await store.write(points);
  await store.close();
  return url;
}

function start(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const furrow = new FurrowProcess(['copy', '--since', SINCE, ...args], env, folder);
  onTestFinished(() => furrow.destroy());
  return furrow;
}

async function run(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const furrow = start(folder, args, env);
  return { code: await furrow.exited(), output: furrow.output };
}

async function timestream() {
  const fake = await FakeTimestream.start();
  onTestFinished(() => fake.close());
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_TIMESTREAM_WRITE: fake.endpoint,
    AWS_ENDPOINT_URL_TIMESTREAM_QUERY: fake.endpoint,
  };
  return { fake, env };
}

/** Slows each write down, and calls `at` when the given number of them has come. */
function slow(fake: FakeTimestream, count: number, at: () => void): void {
  fake.fault = ({ operation, nth }) => {
    if (operation !== 'WriteRecords') return undefined;
    if (nth === count) at();
    return { kind: 'delay', ms: 30 };
  };
}

describe('furrow copy, as a command', () => {
  it('goes on after kill -9, without what was done, and ends with everything there', async () => {
    const folder = await tempFolder();
    const points = fleet(40, 8, 20);
    const from = await sourceFile(folder, points);
    const { fake, env } = await timestream();
    const args = ['--from', from, '--to', 'timestream://furrow/points?writers=2', '--state', 'copy.journal'];
    const killed = start(folder, args, env);
    slow(fake, 48, () => killed.kill('SIGKILL'));
    expect(await killed.exited()).toBe(null);
    expect(fake.table.rows.size).toBeLessThan(points.length);
    fake.fault = () => undefined;
    const { code, output } = await run(folder, args, env);
    expect(output).toMatch(/[1-9]\d* were done by an earlier run/);
    expect(output).toContain(
      'Verified 6,400 points on 320 days of single factors: all are at the destination.',
    );
    expect(code).toBe(0);
    expect(fake.table.rows.size).toBe(points.length);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops at %s, and says how to go on', async (signal) => {
    const folder = await tempFolder();
    const from = await sourceFile(folder, fleet(40, 8, 20));
    const { fake, env } = await timestream();
    const furrow = start(folder, ['--from', from, '--to', 'timestream://furrow/points?writers=2'], env);
    slow(fake, 30, () => furrow.kill(signal));
    expect(await furrow.exited()).toBe(130);
    expect(furrow.output).toMatch(
      /Stopped\. furrow-copy-\S+\.journal has what is done: the same command goes on/,
    );
    expect(furrow.output).not.toMatch(/^furrow: /m);
  });

  it('logs in to each store with its own variables, and shows no secret', async () => {
    const folder = await tempFolder();
    const database = 'furrow';
    const [from, to] = [
      await FakeInflux.start({ generation: 3, token: 'hunter2', database }),
      await FakeInflux.start({ generation: 2, token: 'hunter3', database }),
    ];
    const store = await openStore(from.url(), { credentials: { kind: 'token', token: 'hunter2' } });
    await store.write(fleet(3, 2, 10));
    await store.close();
    const args = ['--from', from.url(), '--to', to.url()];
    const right = { FURROW_COPY_FROM_TOKEN: 'hunter2', FURROW_COPY_TO_TOKEN: 'hunter3' };
    const good = await run(folder, args, right);
    expect([good.code, good.output]).toEqual([0, expect.stringContaining('Verified 60 points')]);
    const inUrl = from.url().replace('//', '//hunter2@');
    const bad = await run(folder, ['--from', inUrl, '--to', to.url()], { FURROW_COPY_TO_TOKEN: 'hunter4' });
    expect([bad.code, bad.output]).toEqual([1, expect.stringMatching(/--to: .*refused those given/)]);
    expect(good.output + bad.output).not.toContain('hunter');
  });

  it.each([
    [
      'the same store twice',
      ['duckdb:./from.duckdb', 'duckdb:from.duckdb?threads=1'],
      /--from and --to are the same store, duckdb:/,
    ],
    [
      'an unknown scheme',
      ['mysql://h/d', 'duckdb:to.duckdb'],
      /--from: .*its scheme is one of duckdb:, timestream:,/,
    ],
    [
      'a source that is not there',
      ['duckdb:typo.duckdb', 'duckdb:to.duckdb'],
      /--from: .*there is no file typo.duckdb/,
    ],
    [
      'a project that is not there',
      ['duckdb:from.duckdb', 'duckdb:to.duckdb', '--project', 'nix'],
      /no points of project nix in that time; it has yanji-lab\/field-beta, yanji-lab\/greenhouse-alpha/,
    ],
    [
      'a journal that is none',
      ['duckdb:from.duckdb', 'duckdb:to.duckdb', '--state', 'note.txt'],
      /note.txt is no journal of a copy/,
    ],
    [
      'a time that is none',
      ['duckdb:from.duckdb', 'duckdb:to.duckdb', '--since', 'monday'],
      /--since.*It is a UTC date/,
    ],
    [
      'two modes',
      ['duckdb:from.duckdb', 'duckdb:to.duckdb', '--dry-run', '--verify-only'],
      /--dry-run or --verify-only, not both/,
    ],
    [
      'verifying a file that is not there',
      ['duckdb:from.duckdb', 'duckdb:none.duckdb', '--verify-only'],
      /--to: .*there is no file none.duckdb/,
    ],
  ])('refuses %s in one line, and makes no file', async (_, [from = '', to = '', ...flags], message) => {
    const folder = await tempFolder();
    await sourceFile(folder, fleet(2, 1, 2));
    await writeFile(join(folder, 'note.txt'), 'milk\n');
    const { code, output } = await run(folder, ['--from', from, '--to', to, ...flags]);
    expect([code, output]).toEqual([1, expect.stringMatching(message)]);
    expect(output).not.toMatch(/\n {4}at /);
    expect(existsSync(join(folder, 'typo.duckdb')) || existsSync(join(folder, 'none.duckdb'))).toBe(false);
  });

  it('only shows, with --dry-run', async () => {
    const folder = await tempFolder();
    const from = await sourceFile(folder);
    const { code, output } = await run(folder, ['--from', from, '--to', 'duckdb:to.duckdb', '--dry-run']);
    expect([code, output]).toEqual([0, expect.stringContaining('2,400 points of 20 factors on 4 days')]);
    expect(existsSync(join(folder, 'to.duckdb'))).toBe(false);
  });
});
