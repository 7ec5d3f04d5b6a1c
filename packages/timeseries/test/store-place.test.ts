import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openStore, StoreConfigError, storePlace } from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './duckdb/temp-folder.ts';

describe('storePlace', () => {
  it.each([
    ['DuckDB:./data/x.duckdb?threads=2', `duckdb:${resolve('data/x.duckdb')}`],
    ['timestream://farm/points?writers=2', 'timestream://farm/points'],
    ['influx+http://u:hunter2@h/db?timeout=9', 'influx+http://h:8086/db?measurement=points'],
    ['influx+https://h:1/db?rp=a&measurement=m', 'influx+https://h:1/db?measurement=m&rp=a'],
  ])('says where %s is, without credentials and tuning', async (url, place) => {
    expect(await storePlace(url)).toBe(place);
  });

  it('is the same for a file and a link to it', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'link'));
    const places = () =>
      Promise.all(['real', 'link'].map((name) => storePlace(`duckdb:${join(folder, name, 'x.duckdb')}`)));
    expect(new Set(await places()).size).toBe(1);
    await writeFile(join(folder, 'real', 'x.duckdb'), '');
    expect(new Set(await places()).size).toBe(1);
  });

  it.each(['mysql://h/db', 'constructor:x', 'timestream://one', ''])('refuses %j', async (url) => {
    await expect(storePlace(url)).rejects.toThrow(StoreConfigError);
  });
});

describe('openStore with mustExist', () => {
  it('creates no file', async () => {
    const file = join(await temporaryFolder(), 'x.duckdb');
    await expect(openStore(`duckdb:${file}`, { mustExist: true })).rejects.toThrow(
      `there is no file ${file}`,
    );
    await expect(openStore('duckdb::memory:', { mustExist: true })).rejects.toThrow(/always empty/);
    await (await openStore(`duckdb:${file}`)).close();
    await (await openStore(`duckdb:${file}`, { mustExist: true })).close();
  });
});
