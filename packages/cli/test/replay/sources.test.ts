import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packRefusal } from '../../../queue/src/quarantine/pack-refusal.ts';
import { incompressible, refusal } from '../../../queue/test/fixtures/kept.ts';
import { parseMapping } from '../../src/replay/source/csv-mapping.ts';
import { EntryReader } from '../../src/replay/source/entry-reader.ts';
import { openSource } from '../../src/replay/source/open-source.ts';
import { readRow } from '../../src/replay/source/read-csv.ts';
import type { SourceEntry } from '../../src/replay/source/source-message.ts';
import { findSpan } from '../../src/replay/time/find-span.ts';
import { shiftTimes } from '../../src/replay/time/shift-times.ts';

const ENVELOPE =
  '{"v":1,"org_id":"o","project_id":"p","device":"d-1-a","received_at":1708070401123,"items":[{"agri_id":"d-1-a-1-00","value":1,"t":1708070400}]}';
const FLAT = '[{"agri_id":"d-1-a-1-00","value":1,"t":1708070400}]';

async function folderOf(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-replay-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** A line as `furrow quarantine discard --to` writes it. */
const archived = (body: string) => JSON.stringify({ ...refusal().message, body });

async function read(path: string, mapping?: string): Promise<SourceEntry[]> {
  const entries: SourceEntry[] = [];
  for await (const entry of (await openSource(path, mapping)).entries()) entries.push(entry);
  return entries;
}

const bodies = (entries: readonly SourceEntry[]) =>
  entries.flatMap((entry) => (entry.ok ? [entry.message.body] : []));
const problems = (entries: readonly SourceEntry[]) =>
  entries.flatMap((entry) => (entry.ok ? [] : [`${entry.where}: ${entry.problem}`]));

describe('NDJSON', () => {
  it('reads either form, with attributes or without, and names what is broken by its line', async () => {
    const lines = [
      ENVELOPE,
      '',
      '{"v":1,"org_id":"o","devi',
      `{"body":${FLAT},"attributes":{"device_agri_id":"d-1-a","messageGroupId":"o"}}`,
      '"text"',
      `{"body":"not JSON at all","messageAttributes":[{"name":"n","type":"Binary.x","value":"AAE="}]}`,
      'x'.repeat(3_200_000),
      FLAT,
    ];
    const folder = await folderOf({ 'a.ndjson.gz': gzipSync(lines.join('\n')) });
    const entries = await read(join(folder, 'a.ndjson.gz'));
    expect(bodies(entries)).toEqual([ENVELOPE, FLAT, 'not JSON at all', FLAT]);
    expect(problems(entries)).toEqual([
      expect.stringMatching(/^line 3: not JSON: /),
      'line 5: neither an object nor an array',
      'line 7: 3200000 bytes long, and a line has at most 3145728',
    ]);
    expect(entries[2]).toMatchObject({ message: { device: 'd-1-a', groupId: 'o' } });
    expect(entries[4]).toMatchObject({
      message: { attributes: [{ name: 'n', type: 'Binary.x', value: 'AAE=' }] },
    });
  });

  it('unwraps messages of the quarantine, also as discard archived them', async () => {
    const envelope = JSON.stringify({
      v: 1,
      id: 'a',
      quarantined_at: 1,
      stage: 'authorize',
      reasons: { unknown_factor: 1 },
      summary: '',
      rejects_total: 1,
      rejects: [],
      context: {},
      message_id: 'm',
      sent_at: 1,
      receive_count: 1,
      message_group_id: 'yanji-lab',
      original: {
        encoding: 'plain',
        message: { body: FLAT, attributes: [{ name: 'device_agri_id', type: 'String', value: 'd-1-a' }] },
      },
    });
    const folder = await folderOf({
      'q.ndjson': `${envelope}\n${JSON.stringify({ body: envelope, attributes: {} })}\n`,
    });
    const entries = await read(join(folder, 'q.ndjson'));
    expect(entries).toMatchObject(
      [1, 2].map(() => ({ message: { body: FLAT, device: 'd-1-a', groupId: 'yanji-lab' } })),
    );
  });
});

describe('a message that the quarantine keeps in parts', () => {
  it.each<[string, (parts: readonly [string, string]) => Readonly<Record<string, string>>]>([
    ['files of their own', ([a, b]) => ({ 'x/1.json': b, 'y/2.json': a })],
    ['lines between others', ([a, b]) => ({ 'q.ndjson': `${FLAT}\n${a}\n${FLAT}\n${a}\n${b}\n` })],
    [
      'the archive of discard',
      ([a, b]) => ({ 'q.ndjson': `${archived(a)}\n`, 'r.ndjson': `${archived(b)}\n` }),
    ],
  ])('is joined from %s', async (_, filesOf) => {
    const body = incompressible();
    const [first = '', second = ''] = await packRefusal(refusal({ body }), 1_708_080_000_000);
    const entries = await read(await folderOf(filesOf([first, second])));
    expect(problems(entries)).toEqual([]);
    const whole = entries.flatMap((entry) =>
      entry.ok && entry.message.body !== FLAT ? [entry.message] : [],
    );
    expect(whole).toHaveLength(1);
    expect(whole[0]?.body === body).toBe(true);
    expect(whole[0]).toMatchObject({ device: refusal().message.deviceAgriId, groupId: 'yanji-lab' });
  });

  it('is named, with where its parts stand, when one of them is missing', async () => {
    const [first = ''] = await packRefusal(refusal({ body: incompressible() }), 1_708_080_000_000);
    const entries = await read(await folderOf({ 'a.json': first, 'b.json': FLAT }));
    expect(bodies(entries)).toEqual([FLAT]);
    expect(problems(entries)).toEqual([
      expect.stringMatching(
        /^a\.json: .*1 of 2 parts are missing \(message [0-9a-f]{32} of the quarantine\)$/,
      ),
    ]);
  });

  it('does not fill the memory with parts of which the others never come', async () => {
    const [first = ''] = await packRefusal(refusal({ body: incompressible() }), 1_708_080_000_000);
    const reader = new EntryReader();
    const turnedAway: SourceEntry[] = [];
    for (let number = 0; number < 66; number += 1) {
      const part = first.replace(/"id":"[0-9a-f]+"/, `"id":"${number}"`);
      const entry = await reader.read(part, `line ${number}`);
      if (entry) turnedAway.push(entry);
    }
    expect(problems(turnedAway)[0]).toMatch(/^line 6\d: too many parts wait for their others already \(/);
    const left: SourceEntry[] = [];
    for await (const entry of reader.incomplete()) left.push(entry);
    expect(left.length + turnedAway.length).toBe(66);
  });
});

describe('a folder', () => {
  it('reads bodies and lines at any depth, packed or not, and leaves foreign and damaged files out by name', async () => {
    const folder = await folderOf({
      '2024/02/16/b.json': JSON.stringify(JSON.parse(ENVELOPE), null, 2),
      '2024/02/16/a': FLAT,
      '2024/02/17/c.ndjson.gz': gzipSync(`${FLAT}\n${FLAT}\n`),
      '2024/02/17/d.json.gz': Buffer.from('no gzip'),
      'notes.pdf': 'x',
      'empty.ndjson': '',
    });
    const entries = await read(folder);
    expect(bodies(entries)).toHaveLength(4);
    expect(problems(entries)).toEqual([
      expect.stringMatching(/^2024\/02\/17\/d\.json\.gz: .*incorrect header/),
      expect.stringMatching(/^notes\.pdf: a foreign file/),
    ]);
  });

  it('names what is not there', async () => {
    await expect(openSource('/nowhere/uplinks.ndjson', undefined)).rejects.toThrow(
      'cannot read /nowhere/uplinks.ndjson',
    );
  });
});

describe('CSV', () => {
  it('reads a reading a row, gathered by device, with commas for decimals and a zone behind the time', async () => {
    const folder = await folderOf({
      'rows.csv':
        '\ufefftime;sensor;reading;gateway\n2024-02-16 08:00:00;d-1-a-1-00;21,5;d-1-a\n2024-02-16 08:01:00;d-1-a-1-00;;d-1-a\nyesterday;d-1-a-1-00;1;d-1-a\n2024-02-16 08:02:00;d-1-a-1-00;x;d-1-a\n2024-02-16 08:03:00;d-1-b-1-00;7;d-1-b\n',
      'map.json': JSON.stringify({
        t: { column: 'time', suffix: 'Z' },
        agri_id: 'sensor',
        value: 'reading',
        device: 'gateway',
        delimiter: ';',
        decimal: ',',
        scaled: true,
        empty: 'null',
      }),
    });
    const entries = await read(join(folder, 'rows.csv'), join(folder, 'map.json'));
    expect(bodies(entries).map((body) => JSON.parse(body))).toEqual([
      [
        { agri_id: 'd-1-a-1-00', value: 21.5, t: 1_708_070_400_000, scaled: true },
        { agri_id: 'd-1-a-1-00', value: null, t: 1_708_070_460_000, scaled: true },
      ],
      [{ agri_id: 'd-1-b-1-00', value: 7, t: 1_708_070_580_000, scaled: true }],
    ]);
    expect(problems(entries)).toEqual([
      expect.stringMatching(/^line 4: column time: "yesterdayZ"/),
      expect.stringMatching(/^line 5: column reading: "x" is no number/),
    ]);
  });

  it('reads a column for each factor, and keeps digits that a double would lose', () => {
    const mapping = parseMapping({ t: 't', factors: { a: 'd-1-1-00', b: 'd-1-1-01' } }, 'map.json');
    expect(readRow({ t: '1708070400', a: '9007199254740993', b: '' }, mapping)).toEqual({
      ok: true,
      device: undefined,
      items: [{ agri_id: 'd-1-1-00', value: '9007199254740993', t: 1_708_070_400_000 }],
    });
  });

  it('names column and rule of a wrong mapping', async () => {
    const folder = await folderOf({
      'rows.csv': 'time,reading\n1,2\n',
      'map.json': '{"agri_id":{"const":"d-1-1-00"},"value":"reding","t":"tme"}',
    });
    await expect(read(join(folder, 'rows.csv'), join(folder, 'map.json'))).rejects.toThrow(
      /map\.json: t: the CSV has no column "tme"; value: the CSV has no column "reding"\. Its columns are "time", "reading"/,
    );
    await expect(read(join(folder, 'rows.csv'))).rejects.toThrow(/rows\.csv needs --mapping/);
    expect(() => parseMapping({ value: 'v', delimiter: '||' }, 'map.json')).toThrow(
      /map\.json: .*delimiter is one character/s,
    );
    expect(() => parseMapping({ value: 'v' }, 'map.json')).toThrow(/with value comes agri_id/);
    expect(() => parseMapping({}, 'map.json')).toThrow(/either agri_id and value .* or factors/);
  });
});

describe('shiftTimes', () => {
  it('moves every time of either form and leaves everything else as it was', () => {
    const moved = JSON.parse(shiftTimes(ENVELOPE, 1_000));
    expect(moved).toMatchObject({
      received_at: 1_708_070_402_123,
      items: [{ t: 1_708_070_401_000, value: 1 }],
    });
    const odd =
      '[{"agri_id":"a","value":9007199254740993,"t":"2024/02/16 08:00:00"},{"t":"soon"},7,{"value":1e400}]';
    expect(JSON.parse(shiftTimes(odd, 500))).toEqual([
      { agri_id: 'a', value: '9007199254740993', t: 1_708_070_400_500 },
      { t: 'soon' },
      7,
      { value: 'Infinity' },
    ]);
    expect(shiftTimes('{broken', 5)).toBe('{broken');
    expect(shiftTimes(FLAT, 0)).toBe(FLAT);
  });
});

describe('findSpan', () => {
  it('finds oldest and newest, and does not believe a clock that was ahead of its own message', async () => {
    const late = ENVELOPE.replace('"t":1708070400', '"t":1999999999').replace(
      '1708070401123',
      '1708070500000',
    );
    const folder = await folderOf({ 'a.ndjson': `${ENVELOPE}\n${late}\n[]\n` });
    const source = await openSource(join(folder, 'a.ndjson'), undefined);
    const span = await findSpan(source, () => {}, new AbortController().signal);
    expect(span).toEqual({ oldest: 1_708_070_400_000, newest: 1_708_070_500_000, messages: 3 });
  });
});
