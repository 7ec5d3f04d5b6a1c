import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DEVICE, startWorker } from './worker-room.ts';

const NOW = Date.now();
const AT = NOW - 60_000;
const ITEM = `{"agri_id":"${DEVICE}-1-00","value":243,"t":${AT}}`;

const envelope = (items: string): string =>
  `{"v":1,"org_id":"yanji-lab","project_id":"greenhouse-alpha","device":"${DEVICE}","received_at":${NOW},"items":[${items}]}`;
const item = (value: string, t = AT): string => `{"agri_id":"${DEVICE}-1-00","value":${value},"t":${t}}`;
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** What becomes of a body: the values stored, and the refused readings by reason. */
interface Hostile {
  readonly name: string;
  readonly body: string;
  readonly stored?: readonly number[];
  readonly rejected?: Readonly<Record<string, number>>;
}

const HOSTILE: readonly Hostile[] = [
  { name: 'text that is no JSON', body: 'hello', rejected: { malformed_json: 1 } },
  { name: 'JSON that ends early', body: envelope(ITEM).slice(0, -2), rejected: { malformed_json: 1 } },
  {
    name: 'a gzip bomb, which is text like any other',
    body: gzipSync(Buffer.alloc(10_000_000)).toString('base64'),
    rejected: { malformed_json: 1 },
  },
  { name: 'brackets 500,000 deep', body: nested(500_000), rejected: { schema_invalid: 1 } },
  {
    name: 'a value nested 100,000 deep beside a good one',
    body: envelope(`${item(nested(100_000))},${ITEM}`),
    stored: [24.3],
    rejected: { schema_invalid: 1 },
  },
  { name: '1e400', body: envelope(item('1e400')), rejected: { not_finite: 1 } },
  {
    name: '-1e400 beside a good one',
    body: envelope(`${item('-1e400')},${ITEM}`),
    stored: [24.3],
    rejected: { not_finite: 1 },
  },
  {
    name: 'a number of 100,000 digits',
    body: envelope(item('9'.repeat(100_000))),
    rejected: { schema_invalid: 1 },
  },
  {
    name: 'an integer beyond 2^53',
    body: envelope(item('9007199254740993')),
    rejected: { decode_failed: 1 },
  },
  { name: 'a denormal', body: envelope(item('5e-324')), rejected: { decode_failed: 1 } },
  {
    name: 'a lone surrogate in an agri_id',
    body: envelope(`{"agri_id":"${DEVICE}-1-\\ud800","value":1}`),
    rejected: { schema_invalid: 1 },
  },
  {
    name: 'a lone surrogate in a key that nobody reads',
    body: envelope(`{"\\udfff":1,${ITEM.slice(1)}`),
    stored: [24.3],
  },
  {
    name: 'U+FFFD, which is what malformed UTF-8 becomes on the way',
    body: envelope(`{"agri_id":"${DEVICE}-\ufffd","value":1}`),
    rejected: { schema_invalid: 1 },
  },
  {
    name: 'a __proto__ key with a device of its own',
    body: `{"__proto__":{"device":"d-evil"},${envelope(ITEM).slice(1)}`,
    stored: [24.3],
  },
  {
    name: 'nothing but __proto__',
    body: '{"__proto__":{"v":1,"items":[]}}',
    rejected: { schema_invalid: 1 },
  },
  {
    name: 'items that inherit their reading',
    body: envelope(`{"agri_id":"${DEVICE}-1-00","__proto__":{"value":1}}`),
    rejected: { schema_invalid: 1 },
  },
  {
    name: 'duplicate keys, of which the last counts',
    body: envelope(`{"agri_id":"${DEVICE}-1-00","value":1,"value":243,"t":${AT}}`),
    stored: [24.3],
  },
  {
    name: 'a duplicate device, of which the last counts',
    body: envelope(ITEM).replace('"device"', '"device":"d-evil","device"'),
    stored: [24.3],
  },
  {
    name: 'a list that is a number',
    body: envelope(ITEM).replace(`[${ITEM}]`, '7'),
    rejected: { schema_invalid: 1 },
  },
  { name: '60,000 entries', body: `[${'1,'.repeat(59_999)}1]`, rejected: { schema_invalid: 1 } },
  {
    name: '40,000 entries that are no items',
    body: envelope(`${'1,'.repeat(39_999)}1`),
    rejected: { schema_invalid: 40_000 },
  },
  {
    name: 'a time that is an object',
    body: envelope(`{"agri_id":"${DEVICE}-1-00","value":1,"t":{"$date":1}}`),
    rejected: { bad_timestamp: 1 },
  },
  {
    name: 'a time of 1e400',
    body: envelope(`{"agri_id":"${DEVICE}-1-00","value":1,"t":1e400}`),
    rejected: { bad_timestamp: 1 },
  },
  {
    name: 'a foreign device',
    body: envelope('{"agri_id":"d-2000-abcd-1-00","value":1}'),
    rejected: { prefix_mismatch: 1 },
  },
];

describe('IngestWorker, on hostile messages', () => {
  it.each(HOSTILE)(
    'stores or refuses each reading of $name, and goes on',
    async ({ body, stored = [], rejected = {} }) => {
      const room = await startWorker();
      for (const each of [body, envelope(item('1', AT - 1000))]) await room.sendBody(each);
      const refused = Object.keys(rejected).length > 0;
      await room.finished(2);
      const { readings, messages } = room.worker.ledger;
      expect(readings).toMatchObject({ rejectedByReason: rejected, returned: 0, imbalance: 0 });
      expect(messages).toMatchObject({ acked: refused ? 1 : 2, quarantined: refused ? 1 : 0, imbalance: 0 });
      expect(room.values()).toEqual([0.1, ...stored]);
      expect(await room.waiting(room.quarantineUrl)).toBe(refused ? 1 : 0);
      expect(Reflect.get({}, 'device')).toBeUndefined();
    },
  );
});
