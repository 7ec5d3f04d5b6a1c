import { type AgriId, type Point, RETENTION_MS } from '@furrow/contracts';
import { openStore, type PointStore, type StoreOptions, StoreSetupError } from '@furrow/timeseries';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type TestDatabase, type TestServer, testServer } from './server.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 1, 16, 12);
/** Engines must be safe with any text, whatever the grammar of an agri_id. */
const id = (text: string) => text as AgriId;

const point = (changes: Partial<Point> = {}): Point => ({
  agriId: id('d-1-0'),
  t: NOW,
  value: 21.5,
  version: NOW,
  device: id('d-1'),
  orgId: 'yanji-lab',
  projectId: 'greenhouse-alpha',
  theType: 'temp',
  ...changes,
});

async function openOn(url: string, options: StoreOptions = { clock: () => NOW }): Promise<PointStore> {
  const store = await openStore(url, options);
  onTestFinished(() => store.close());
  return store;
}

async function databaseOn(server: TestServer): Promise<TestDatabase> {
  const database = await server.createDatabase();
  onTestFinished(() => database.drop());
  return database;
}

/** The database's retention policies as `name duration`. */
async function policiesOf(server: TestServer, { name }: TestDatabase): Promise<string[]> {
  const answer = (await server.run(`SHOW RETENTION POLICIES ON "${name}"`)) as {
    results: { series: { values: [string, string][] }[] }[];
  };
  return (answer.results[0]?.series[0]?.values ?? []).map(([policy, duration]) => `${policy} ${duration}`);
}

const server = testServer();

describe.runIf(server !== undefined)('openInfluxStore on InfluxDB 1.x', () => {
  const connected = () => {
    if (server === undefined) throw new Error('unreachable');
    return server;
  };

  it('gives any double and any name back as they were', async () => {
    const { url } = await databaseOn(connected());
    const store = await openOn(url);
    const names = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc
        .array(
          fc.constantFrom("'", '"', '\\', ',', '=', ' ', '\n', '/', "' OR '1'='1", '.*', '%', '\ud800', '温'),
        )
        .map((parts) => parts.join('')),
    );
    const values = fc.double({ noNaN: true, noDefaultInfinity: true });
    const sample = fc.sample(fc.tuple(names, names, values, values), { numRuns: 120, seed: 7 });
    const points = [...new Map(sample.map((row) => [row[0], row])).values()].flatMap(
      ([agri, other, a, b]) => {
        const named = { agriId: id(agri), device: id(other), orgId: other, projectId: other, theType: other };
        return [point({ ...named, value: a }), point({ ...named, t: NOW - 1, value: b })];
      },
    );
    expect(await store.write(points)).toMatchObject({ stored: points.length, rejected: [] });
    for (const newest of points.filter(({ t }) => t === NOW)) {
      const { agriId } = newest;
      const expected = points.filter((one) => one.agriId === agriId);
      const { total, points: read } = await store.history({ agriId, page: 1, pageSize: 9, minT: 0 });
      expect(total).toBe(2);
      read.forEach(({ value }, i) => {
        expect(Object.is(value, expected[i]?.value)).toBe(true);
      });
      expect((await store.latest(agriId)).find((one) => one.agriId === agriId)).toEqual(newest);
    }
  });

  it('finds stored versions among many points, however its times are spread', async () => {
    const { url } = await databaseOn(connected());
    const store = await openOn(`${url}?writers=several`);
    const dense = Array.from({ length: 20_000 }, (_, i) =>
      point({ agriId: id(`d-1-${i % 4}`), t: NOW - Math.floor(i / 4) * 60_000, value: i, version: 2 }),
    );
    await store.write(dense);
    const sparse = Array.from({ length: 700 }, (_, i) => {
      const agriId = id(`d-1-${i % 5}`);
      return point({ agriId, t: NOW - ((i * 7_919) % (7 * 24 * 60)) * 60_000, value: -1, version: 1 });
    });
    const stored = new Set(dense.map(({ agriId, t }) => `${agriId} ${t}`));
    const keys = new Set(sparse.map(({ agriId, t }) => `${agriId} ${t}`));
    const fresh = [...keys].filter((key) => !stored.has(key)).length;
    expect(fresh).toBeLessThan(sparse.length);
    expect(await store.write(sparse)).toMatchObject({ stored: fresh, alreadyStored: 700 - fresh });
    expect(await store.write(sparse)).toMatchObject({ stored: 0, alreadyStored: 700 });
  });

  it('lets several writers that take turns keep versions in order', async () => {
    const { url } = await databaseOn(connected());
    const [a, b] = await Promise.all([openOn(`${url}?writers=several`), openOn(`${url}?writers=several`)]);
    await a.write([point({ version: 5, value: 5 })]);
    await b.write([point({ t: NOW + 1, version: 7, value: 7, projectId: 'of-b' })]);
    expect(await b.write([point({ version: 4, value: 4 })])).toMatchObject({ stored: 0, alreadyStored: 1 });
    expect(await a.write([point({ t: NOW + 1, version: 6, value: 6 })])).toMatchObject({ alreadyStored: 1 });
    expect(await b.latest(id('d-1'))).toEqual([
      point({ t: NOW + 1, version: 7, value: 7, projectId: 'of-b' }),
    ]);
  });

  it.each([
    ['makes the policy when there is none', undefined, '2184h0m0s'],
    ['makes one longer that is too short', '30d', '2184h0m0s'],
    ['leaves one of 90 days', '90d', '2160h0m0s'],
    ['leaves a longer one', '400d', '9600h0m0s'],
  ])('%s', async (_, duration, expected) => {
    const on = connected();
    const database = await databaseOn(on);
    await on.run(`CREATE RETENTION POLICY "own" ON "${database.name}" DURATION 7d REPLICATION 1 DEFAULT`);
    await on.run(`DROP RETENTION POLICY "furrow" ON "${database.name}"`);
    if (duration !== undefined) {
      await on.run(
        `CREATE RETENTION POLICY "furrow" ON "${database.name}" DURATION ${duration} REPLICATION 1`,
      );
    }
    const store = await openOn(database.url, {});
    await store.probe();
    await store.enforceRetention(new Date());
    expect((await policiesOf(on, database)).sort()).toEqual([`furrow ${expected}`, 'own 168h0m0s']);
  });

  it('maps what the server refuses as too old to its points', async () => {
    const on = connected();
    const database = await databaseOn(on);
    await on.run(`ALTER RETENTION POLICY "furrow" ON "${database.name}" DURATION 91d`);
    // A clock that is 60 days late takes points that the server does not.
    const clock = () => Date.now() - 60 * DAY;
    const store = await openOn(database.url, { clock });
    const days = [61, 120, 62, 140, 149, 63];
    const sent = days.map((day) => point({ t: Date.now() - day * DAY, value: day, version: clock() }));
    const report = await store.write(sent);
    expect(report).toMatchObject({ stored: 3, keep: [] });
    expect(report.rejected.map(({ index }) => index)).toEqual([1, 3, 4]);
    expect(report.rejected[0]?.message).toContain('beyond retention policy');
    const { points } = await store.history({ agriId: id('d-1-0'), page: 1, pageSize: 9, minT: 0 });
    expect(points.map(({ value }) => value)).toEqual([61, 62, 63]);
    expect(await store.write(sent)).toMatchObject({ stored: 0, alreadyStored: 3 });
  });

  it('keeps points when the measurement holds fields of another type', async () => {
    const on = connected();
    const database = await databaseOn(on);
    const store = await openOn(`${database.url}?measurement=other`);
    await store.write([point({ agriId: id('d-2-0') })]);
    await on.run(
      `SELECT "version" AS "value" INTO "${database.name}"."furrow"."points" FROM "${database.name}"."furrow"."other"`,
    );
    const report = await (await openOn(database.url)).write([point(), point({ t: NOW - 1 })]);
    expect(report).toMatchObject({ stored: 0, rejected: [], keep: [0, 1] });
    expect(report.keepReason).toContain('field type conflict');
  });

  it('names the database that is missing', async () => {
    const { url, name } = await databaseOn(connected());
    const store = await openOn(url.replace(name, 'furrow_test_nowhere'));
    await expect(store.probe()).rejects.toThrow(StoreSetupError);
    await expect(store.probe()).rejects.toThrow('CREATE DATABASE "furrow_test_nowhere"');
    expect(await store.write([point()])).toMatchObject({ keep: [0] });
  });

  it('hides what the server keeps for longer', async () => {
    const { url } = await databaseOn(connected());
    const store = await openOn(url);
    await store.write([point({ t: NOW - RETENTION_MS }), point()]);
    const later = await openOn(url, { clock: () => NOW + 1 });
    expect(await later.history({ agriId: id('d-1-0'), page: 1, pageSize: 9, minT: 0 })).toMatchObject({
      total: 1,
    });
  });
});
