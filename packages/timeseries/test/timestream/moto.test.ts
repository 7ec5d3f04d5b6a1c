import { randomUUID } from 'node:crypto';
import { CreateDatabaseCommand, CreateTableCommand } from '@aws-sdk/client-timestream-write';
import { agriId } from '@furrow/contracts';
import { StoreAbortedError, StoreSetupError } from '@furrow/timeseries';
import { TimestreamStore } from '@furrow/timeseries/timestream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DAY, NOW, livePoint as point } from '../live-point.ts';
import { optionalEngine } from '../optional-engine.ts';
import { fakeClients, QUICK } from './fake/fake-clients.ts';

const endpoint = optionalEngine(
  'FURROW_TEST_MOTO',
  'Timestream is NOT tested on moto, an emulator by others, only on the fake.',
  'mayBeAbsent',
);
/** A record as moto keeps it: what the call says of it alone, for moto (5.2) leaves `CommonAttributes` out. */
interface MotoRecord {
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Time?: string;
  readonly Version?: number;
  readonly MeasureValues: readonly { readonly Name: string; readonly Value: string; readonly Type: string }[];
}

interface MotoData {
  readonly timestreamwrite?: {
    readonly TimestreamTable?: readonly {
      readonly db_name: string;
      readonly records: readonly MotoRecord[];
    }[];
  };
}

/** The periods that the engine wants, and moto's own. */
const KEEPS_90_DAYS = { MemoryStoreRetentionPeriodInHours: 24, MagneticStoreRetentionPeriodInDays: 89 };

/** A table of its own on moto, and a store on it. */
async function openMoto(address: string, options: { readonly keeps90Days?: boolean } = {}) {
  const database = `furrow-${randomUUID()}`;
  const setup = fakeClients({ endpoint: address }).write;
  await setup.send(new CreateDatabaseCommand({ DatabaseName: database }));
  await setup.send(
    new CreateTableCommand({
      DatabaseName: database,
      TableName: 'points',
      ...((options.keeps90Days ?? true) && {
        RetentionProperties: KEEPS_90_DAYS,
        MagneticStoreWriteProperties: { EnableMagneticStoreWrites: true },
      }),
    }),
  );
  setup.destroy();
  const open = (table: string) => {
    const config = { database, table, writers: 4, readers: 1 };
    const store = new TimestreamStore(fakeClients({ endpoint: address }), config, {}, QUICK);
    onTestFinished(() => store.close());
    return store;
  };
  const records = async (): Promise<readonly MotoRecord[]> => {
    const data = (await (await fetch(`${address}/moto-api/data.json`)).json()) as MotoData;
    const tables = data.timestreamwrite?.TimestreamTable ?? [];
    return tables.find(({ db_name }) => db_name === database)?.records ?? [];
  };
  return { store: open('points'), open, records };
}

const doubleOf = ({ MeasureValues }: MotoRecord) =>
  Number(MeasureValues.find(({ Type }) => Type === 'DOUBLE')?.Value);

if (endpoint === undefined) {
  describe('TimestreamStore on moto', () => {
    it('is not tested without moto, which CI may do without', () => {
      expect(process.env['FURROW_TEST_MOTO']).toBeFalsy();
    });
  });
} else {
  describe('TimestreamStore on moto', () => {
    it('writes points in calls that moto takes, each with its value, time and version', async () => {
      const { store, records } = await openMoto(endpoint);
      const points = Array.from({ length: 250 }, (_, i) =>
        point({ agriId: agriId(`d-1-${i}`), t: NOW - i * 60_001, value: i / 10, version: NOW - i }),
      );
      expect(await store.write(points)).toEqual({ stored: 250, alreadyStored: 0, rejected: [], keep: [] });
      const kept = await records();
      expect(kept).toHaveLength(250);
      const byFactor = new Map(kept.map((record) => [record.Dimensions?.[0]?.Value, record]));
      for (const { agriId: id, t, value, version } of points) {
        const record = byFactor.get(id);
        expect(record).toMatchObject({ Time: String(t), Version: version });
        expect(record && doubleOf(record)).toBe(value);
      }
    });

    it.each([
      ['minus zero', -0],
      ['the smallest denormal', 5e-324],
      ['the largest double', Number.MAX_VALUE],
      ['0.1 + 0.2', 0.1 + 0.2],
    ])('sends %s as text that reads back bit for bit', async (_, value) => {
      const { store, records } = await openMoto(endpoint);
      await store.write([point({ value })]);
      const [record] = await records();
      expect(Object.is(record && doubleOf(record), value)).toBe(true);
    });

    it.each([
      ['quotes and statements', `d-1'; DROP TABLE series; --"`],
      ['a line break and a backslash', 'd-1\nd\\2'],
      ['letters of other scripts', 'd-温室-ß-🌱'],
      ['128 characters', 'd'.repeat(128)],
    ])('sends a name that holds %s as it is', async (_, name) => {
      const { store, records } = await openMoto(endpoint);
      await store.write([point({ agriId: name as never }), point({ t: NOW - 1 })]);
      const names = (await records()).map(({ Dimensions }) => Dimensions?.[0]?.Value);
      expect(names.sort()).toEqual([name, 'd-1-0'].sort());
    });

    it('refuses by itself what the service would, and sends the rest', async () => {
      const { store, records } = await openMoto(endpoint);
      const report = await store.write([
        point({ value: Number.NaN }),
        point({ value: 7 }),
        point({ t: NOW - 91 * DAY }),
        point({ t: NOW - DAY, value: 8 }),
      ]);
      expect(report.rejected.map(({ index }) => index)).toEqual([0, 2]);
      expect(report).toMatchObject({ stored: 2, keep: [] });
      expect((await records()).map(doubleOf).sort()).toEqual([7, 8]);
    });

    it('sends one record for a key that stands several times in a call, the highest version', async () => {
      const { store, records } = await openMoto(endpoint);
      const report = await store.write([3, 5, 4].map((version) => point({ version, value: version })));
      expect(report).toMatchObject({ stored: 1, alreadyStored: 2 });
      expect((await records()).map(doubleOf)).toEqual([5]);
    });

    it('writes nothing when its signal fired before', async () => {
      const { store, records } = await openMoto(endpoint);
      await expect(store.write([point()], AbortSignal.abort())).rejects.toThrow(StoreAbortedError);
      expect(await records()).toEqual([]);
    });

    it('names the table that is missing, and keeps the points', async () => {
      const { open } = await openMoto(endpoint);
      const store = open('elsewhere');
      await expect(store.probe()).rejects.toThrow(StoreSetupError);
      await expect(store.probe()).rejects.toThrow(/there is no .*elsewhere/);
      expect(await store.write([point()])).toMatchObject({
        stored: 0,
        keep: [0],
        keepReason: expect.stringContaining('elsewhere'),
      });
    });

    it('finds by DescribeTable that a table keeps too little', async () => {
      const { store } = await openMoto(endpoint, { keeps90Days: false });
      await expect(store.probe()).rejects.toThrow(StoreSetupError);
      await expect(store.probe()).rejects.toThrow(/magnetic/i);
    });
  });
}
