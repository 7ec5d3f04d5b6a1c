import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agriId } from '@furrow/contracts';
import { parseFleet } from '@furrow/registry';
import { openStore } from '@furrow/timeseries';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Damage, duckDbDamage, influxDamage } from '../../packages/timeseries/test/damage.ts';
import { testServer } from '../../packages/timeseries/test/influx/server.ts';
import { sharedEngine } from '../support/engines/open-engine.ts';
import { openSqsEngine } from '../support/engines/sqs-engine.ts';
import { FurrowProcess } from '../support/furrow-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SPEC = 'devices=2,factors=3,interval=10s,for=2m,form=mixed,duplicates=0.1,disorder=0.1,poison=0.2';
/** Points of the fleet: each device, factor and read once. */
const POINTS = 2 * 3 * 12;

interface StoreUnderTest {
  readonly url: string;
  readonly damage: Damage;
  /** What a second process is told while the worker runs; undefined when it may read. */
  readonly whileInUse?: RegExp;
}

/** The engines that can be damaged behind their backs; InfluxDB where the environment names one. */
const ENGINES: [string, (folder: string) => Promise<StoreUnderTest>][] = [
  [
    'DuckDB',
    async (folder) => {
      const file = join(folder, 'points.duckdb');
      const whileInUse = /points\.duckdb is in use by process \d+/;
      return { url: `duckdb:${file}`, damage: duckDbDamage(file), whileInUse };
    },
  ],
];
const influx = testServer();
if (influx)
  ENGINES.push([
    'InfluxDB',
    async () => {
      const database = await influx.createDatabase();
      onTestFinished(() => database.drop());
      return { url: database.url, damage: influxDamage(database.url) };
    },
  ]);

async function furrow(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const command = new FurrowProcess(args, variables);
  onTestFinished(() => command.destroy());
  return { code: await command.exited(), output: command.output };
}

describe('furrow replay --verify --store', () => {
  const sqs = sharedEngine('SQS', openSqsEngine);

  /** A store with what a worker made of a recording, and how to verify the recording against it once more. */
  async function storedReplay(open: (folder: string) => Promise<StoreUnderTest>) {
    const folder = await tempFolder();
    const { url, damage, whileInUse } = await open(folder);
    const [fleet, recording] = [join(folder, 'fleet.json'), join(folder, 'recording.ndjson')];
    const registry = { FURROW_REGISTRY: `pglite:${join(folder, 'registry')}` };
    const queues = await (await sqs()).createQueues();
    const run = async (args: readonly string[], variables: Readonly<Record<string, string>> = {}) => {
      const ran = await furrow(args, variables);
      expect(ran.code, ran.output).toBe(0);
    };
    await run(['replay', '--synthetic', SPEC, '--write-fleet', fleet, '--to', `file:${recording}`, '--fast']);
    await run(['seed', fleet], registry);
    const worker = new FurrowProcess(['ingest'], {
      ...{ ...queues, ...registry, FURROW_STORE: url, FURROW_HTTP: '127.0.0.1:0' },
    });
    onTestFinished(() => worker.destroy());
    await worker.printed(/"operations":"([^"]+)"/);
    await run(['replay', recording, '--to', queues.FURROW_UPLINK_QUEUE_URL, '--fast'], queues);
    let again = 0;
    const verify = () => {
      again += 1;
      const to = `file:${join(folder, `again-${again}.ndjson`)}`;
      const check = ['--verify', '--fleet', fleet, '--store', url, '--wait', '0'];
      return furrow(['replay', recording, '--to', to, '--fast', ...check]);
    };
    const stopped = async () => {
      worker.kill('SIGTERM');
      expect(await worker.exited(), worker.output).toBe(0);
    };
    const { orgs } = parseFleet(JSON.parse(await readFile(fleet, 'utf8')));
    const device = orgs[0]?.projects[0]?.devices[0]?.agri_id;
    return {
      url,
      damage,
      whileInUse,
      verify,
      stopped,
      factors: [0, 1, 2].map((at) => agriId(`${device}-1-0${at}`)),
    };
  }

  it.each(ENGINES)(
    'reads back from %s, and names what is missing, wrong and double',
    {
      timeout: 240_000,
    },
    async (_, open) => {
      const { url, damage, whileInUse, verify, stopped, factors } = await storedReplay(open);
      const meanwhile = await verify();
      expect(meanwhile.output).toMatch(whileInUse ?? /72 right/);
      expect(meanwhile.code).toBe(whileInUse ? 1 : 0);
      await stopped();
      const right = await verify();
      expect(right.output).toContain(`${POINTS} expected, ${POINTS} right, 0 missing, 0 wrong, 0 duplicate`);
      expect(right.code, right.output).toBe(0);

      const [first = agriId('none'), second = first, third = first] = factors;
      const store = await openStore(url);
      const { points } = await store.history({ agriId: first, page: 1, pageSize: 100, minT: 0 });
      await store.close();
      const valueAt = (t: number) => points.find((point) => point.t === t)?.value;
      const [newest = 0, , middle = 0, later = 0, earlier = 0] = points.map(({ t }) => t);
      for (const t of [later, newest]) await damage.remove(first, t);
      for (const t of [middle, earlier]) await damage.change(second, t, -12.5);
      await damage.double(third, later);
      const found = await verify();
      expect(found.output).toContain(
        `${POINTS} expected, ${POINTS - 4} right, 2 missing, 2 wrong, 1 duplicate`,
      );
      const at = (t: number) => new Date(t).toISOString();
      expect(found.output).toContain(`first missing: ${first} at ${at(newest)}, ${valueAt(newest)} was sent`);
      expect(found.output).toMatch(
        new RegExp(`first wrong: ${second} at ${at(middle)}, \\S+ was sent, -12.5 was read`),
      );
      expect(found.output).toContain(`first duplicate: ${third} at ${at(later)}, `);
      expect(found.code).toBe(2);
    },
  );
});
