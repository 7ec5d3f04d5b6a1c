import { PassThrough } from 'node:stream';
import type { AgriId, Point } from '@furrow/contracts';
import { openStore, type PointStore } from '@furrow/timeseries';
import { TimestreamStore } from '@furrow/timeseries/timestream';
import { onTestFinished } from 'vitest';
import { FakeInflux } from '../../timeseries/test/influx/fake-influx.ts';
import { testServer } from '../../timeseries/test/influx/server.ts';
import { CONFIG, fakeClients, QUICK } from '../../timeseries/test/timestream/fake/fake-clients.ts';
import { FakeTimestream } from '../../timeseries/test/timestream/fake/fake-timestream.ts';
import { journalName } from '../src/copy/journal.ts';
import { type CopySetup, runCopy } from '../src/copy/run-copy.ts';

export const DAY = 86_400_000;
/** Noon of today, so that the points of a day stay on it. */
export const NOON = Math.floor(Date.now() / DAY) * DAY - DAY / 2;

/** `perDay` points of each factor on each of the last days, in two projects, with awkward values among them. */
export function fleet(factors: number, days: number, perDay: number): Point[] {
  const values = [-0, 0, 5e-324, Number.MAX_VALUE, 0.1 + 0.2, 21.5];
  return Array.from({ length: factors * days * perDay }, (_, i) => {
    const factor = Math.floor(i / (days * perDay));
    const day = Math.floor(i / perDay) % days;
    const t = NOON - day * DAY - (i % perDay) * 1_001;
    return {
      agriId: `d-${1000 + factor}-abcd-1-00` as AgriId,
      device: `d-${1000 + factor}-abcd` as AgriId,
      orgId: 'yanji-lab',
      projectId: factor % 2 === 0 ? 'greenhouse-alpha' : 'field-beta',
      theType: 'temp',
      t,
      version: t + 700 + (i % 3),
      value: values[i % values.length] ?? 0,
    };
  });
}

/** Opens an empty store of each kind; it is closed when the running test is over. */
export const ENGINES: Readonly<Record<string, (folder: string) => Promise<PointStore>>> = {
  duckdb: (folder) => openClosing(`duckdb:${folder}/${Math.random()}.duckdb?threads=1`),
  timestream: async () => (await openTimestream()).store,
  'influx 3 (fake)': async () => {
    const fake = await FakeInflux.start({ generation: 3, token: 'secret', database: 'furrow' });
    return openClosing(fake.url(), 'secret');
  },
  ...(process.env['FURROW_TEST_INFLUX'] && { 'influx 1': openInflux }),
};

async function openInflux(): Promise<PointStore> {
  const database = await testServer()?.createDatabase();
  if (database === undefined) throw new Error('FURROW_TEST_INFLUX is not set');
  onTestFinished(() => database.drop());
  return openClosing(database.url);
}

async function openClosing(url: string, token?: string): Promise<PointStore> {
  const store = await openStore(url, token === undefined ? {} : { credentials: { kind: 'token', token } });
  onTestFinished(() => store.close());
  return store;
}

export async function openTimestream(
  options: Parameters<typeof FakeTimestream.start>[0] = {},
): Promise<{ readonly fake: FakeTimestream; readonly store: PointStore }> {
  const fake = await FakeTimestream.start(options);
  const store = new TimestreamStore(fakeClients(fake), CONFIG, {}, QUICK);
  onTestFinished(async () => {
    await store.close();
    await fake.close();
  });
  return { fake, store };
}

/** What a run left behind. */
export interface Ran {
  readonly ok: boolean | undefined;
  readonly error: unknown;
  readonly text: string;
}

/** Runs a copy inside this process. */
export async function runBetween(
  from: PointStore,
  to: PointStore,
  folder: string,
  changes: Partial<CopySetup> = {},
): Promise<Ran> {
  const lines: string[] = [];
  const header = { from: 'one', to: 'other', projects: [], since: null };
  const setup: CopySetup = {
    mode: 'copy',
    header,
    selection: { projects: [], sinceDay: Math.floor(NOON / DAY) - 7 },
    journalFile: `${folder}/${journalName(header.from, header.to)}`,
    limits: { giveUpAfterMs: 10_000, firstWaitMs: 5, longestWaitMs: 20 },
    stop: new AbortController(),
    openFrom: async () => from,
    openTo: async () => to,
    print: async (line) => lines.push(line),
    screen: new PassThrough().resume() as unknown as NodeJS.WriteStream,
    ...changes,
  };
  const outcome = await runCopy(setup).then(
    (ok) => ({ ok, error: undefined }),
    (error: unknown) => ({ ok: undefined, error }),
  );
  return { ...outcome, text: lines.join('\n') };
}

/** Every point of a store, by key, as text. */
export async function contents(store: PointStore): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let day = Math.floor(NOON / DAY) - 9; day <= Math.floor(NOON / DAY); day += 1) {
    const factors = await store.factorsOn(day);
    const described = new Map(factors.map((factor) => [factor.agriId, factor]));
    for await (const chunk of store.scan({ day, agriIds: [...described.keys()] })) {
      for (const { agriId, t, value, version } of chunk) {
        const { points: _, ...rest } = described.get(agriId) ?? {};
        found.set(
          `${agriId} ${t}`,
          JSON.stringify([Object.is(value, -0) ? '-0' : value, version, Object.entries(rest).sort()]),
        );
      }
    }
  }
  return found;
}
