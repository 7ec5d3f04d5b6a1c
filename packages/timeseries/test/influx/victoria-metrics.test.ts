import { type AgriId, agriId, type Point } from '@furrow/contracts';
import { openStore, StoreSetupError } from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';
import { InfluxClient } from '../../src/influx/client.ts';
import { parseInfluxUrl } from '../../src/influx/config.ts';
import type { InfluxDatabase } from '../../src/influx/database.ts';
import { decodeName } from '../../src/influx/names.ts';
import { sendPoints } from '../../src/influx/send.ts';
import { DAY, NOW, livePoint as point } from '../live-point.ts';
import { optionalEngine } from '../optional-engine.ts';

const url = optionalEngine(
  'FURROW_TEST_VICTORIA',
  'what the InfluxDB engine sends is NOT read by VictoriaMetrics, a second parser of line protocol.',
);
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly timestamps: readonly number[];
}

/** A database of its own name on the server at `address` (`http://host:port`), the engine's sender on it, and its series as the export API tells them. */
function openVictoria(address: string) {
  const database = `furrow_${crypto.randomUUID()}`;
  const config = parseInfluxUrl(`influx+${address}/${database}?batch_lines=100`);
  const client = new InfluxClient(config, undefined);
  const server = { version: '1.8.0', major: 1, retentionPolicy: undefined, writeParameters: {} } as const;
  const place = {
    config,
    write: (lines: readonly string[], points: number) => client.write(server, lines, points),
  } as unknown as InfluxDatabase;
  const exported = async (field: 'value' | 'version'): Promise<Map<string, Series>> => {
    await fetch(`${address}/internal/force_flush`);
    const match = new URLSearchParams({
      'match[]': `{__name__="points_${field}",db="${database}"}`,
      // Without it the export ends at the beginning of the present second.
      end: String(Date.now() / 1000 + 60),
    });
    const text = await (await fetch(`${address}/api/v1/export`, { method: 'POST', body: match })).text();
    const series = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Series]));
    return new Map(series.map((one) => [decodeName(one.metric['agri_id'] ?? ''), one]));
  };
  return {
    send: (points: readonly Point[]) => sendPoints(place, points, [...points.keys()]),
    exported,
    store: () => openStore(`influx+${address}/${database}`),
  };
}

if (url === undefined) {
  describe('VictoriaMetrics', () => {
    it('is not tested without a server', () => {
      expect(process.env['FURROW_TEST_ENGINES']).not.toBe('required');
    });
  });
} else {
  describe('sendPoints to VictoriaMetrics', () => {
    it('sends lines whose values, versions and milliseconds read back exactly, over several requests', async () => {
      const { send, exported } = openVictoria(url);
      const points = Array.from({ length: 730 }, (_, i) =>
        point({
          agriId: agriId(`d-1-${i % 3}`),
          t: NOW - Math.floor(i / 3) * 1_234_567,
          value: ((i * 7_919) % 65_536) / 10,
          version: NOW - i,
        }),
      );
      const report = await send(points);
      expect(report).toMatchObject({ rejected: [], keep: [] });
      expect(report.stored).toHaveLength(730);
      for (const field of ['value', 'version'] as const) {
        const series = await exported(field);
        for (const id of new Set(points.map((one) => one.agriId))) {
          const sent = points.filter((one) => one.agriId === id).reverse();
          expect(series.get(id)?.timestamps).toEqual(sent.map(({ t }) => t));
          expect(series.get(id)?.values).toEqual(sent.map((one) => one[field]));
        }
      }
    });

    it.each([
      ['spaces, commas and equals signs', 'd 1, host=a b'],
      ['quotes and statements', `d-1'; DROP TABLE series; --"`],
      ['a backslash before what is escaped', 'd\\,1\\ 2\\=\\'],
      ['line breaks and other control characters', 'd-1\nd-2\t\u0000\r'],
      ['percent signs, which the encoding itself uses', 'd%-1%0a'],
      ['letters of other scripts', 'd-温室-ß-🌱'],
      ['a lone surrogate', 'd-\ud800-1'],
      ['200 characters', 'é'.repeat(200)],
      ['nothing at all', ''],
    ])('keeps a name apart that holds %s', async (_, name) => {
      const { send, exported } = openVictoria(url);
      await send([point({ agriId: name as AgriId }), point({ value: 1 })]);
      const series = await exported('value');
      expect([...series.keys()].sort()).toEqual([name, 'd-1-0'].sort());
      expect(series.get(name)).toMatchObject({ values: [21.5], timestamps: [NOW] });
    });

    it.each([
      ['a tenth', 0.1],
      ['twelve digits', 123_456.789_012],
      ['a negative one', -40.5],
      ['an integer above 2^53', 2 ** 53 + 2],
    ])('sends %s so that it reads back as the same double', async (_, value) => {
      const { send, exported } = openVictoria(url);
      await send([point({ value }), point({ t: NOW - DAY, value: 0.2 })]);
      expect((await exported('value')).get('d-1-0')?.values).toEqual([0.2, value]);
    });

    it.each([
      ['the largest double', Number.MAX_VALUE],
      ['the lowest double', -Number.MAX_VALUE],
      ['a third', 1 / 3],
      ['0.1 + 0.2', 0.1 + 0.2],
      ['a tiny one', 1.5e-300],
    ])('sends %s, of which VictoriaMetrics keeps at least eleven digits', async (_, value) => {
      const { send, exported } = openVictoria(url);
      await send([point({ value })]);
      const [read = Number.NaN] = (await exported('value')).get('d-1-0')?.values ?? [];
      expect(Math.abs(read / value - 1)).toBeLessThan(1e-11);
    });

    it('is no store: it says no version, and the store refuses to start on it', async () => {
      const store = await openVictoria(url).store();
      await expect(store.probe()).rejects.toThrow(StoreSetupError);
      await expect(store.probe()).rejects.toThrow(/is no InfluxDB 1\.x, 2\.x or 3\.x/);
      await store.close();
    });

    it('is no store: a key that comes again is kept beside the first', async () => {
      const { send, exported } = openVictoria(url);
      await send([point({ value: 1, version: 1 })]);
      await send([point({ value: 2, version: 2 })]);
      expect((await exported('value')).get('d-1-0')?.values).toHaveLength(2);
    });
  });
}
