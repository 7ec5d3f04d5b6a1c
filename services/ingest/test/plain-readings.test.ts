import { agriId, MAX_AHEAD_MS, type Point, RETENTION_MS, type Uplink } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlainFrame } from '../src/pipeline/plain-frames.ts';
import { PlainItems } from '../src/pipeline/plain-items.ts';
import { type PlainSender, plainSender } from '../src/pipeline/plain-sender.ts';
import { readFrame } from '../src/pipeline/read-frame.ts';
import { readItem } from '../src/pipeline/read-item.ts';
import { devicePlan } from './device-plans.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const DEVICE = 'd-1000-abcd';
const SUB = devicePlan(`${DEVICE}-01`, [{}]);
const PLANS = devicePlan(
  DEVICE,
  [
    { data_factor: 0.1 },
    { data_index: 1, data_type: 'uint16' },
    { data_index: 2, enabled: false },
    { data_index: 3, data_type: 'float' },
    { data_index: 5, data_type: 'int16', labels: { '1': 'open' }, max: 100 },
    { modbus_type: 'coil', data_type: 'bool', address: 7 },
  ],
  {},
  [SUB],
);

function senderOf(): PlainSender {
  const uplink: Uplink = {
    orgId: 'yanji-lab',
    device: agriId(DEVICE),
    receivedAt: NOW - 5,
    items: [],
    frames: [],
  };
  const sender = plainSender({ uplink, findOwner: () => PLANS, arrival: () => NOW - 5, now: NOW, notes: [] });
  if (!sender) throw new Error('the sender of this test may send');
  return sender;
}

const ids = [0, 1, 2, 3, 5].map((index) => `${DEVICE}-1-0${index}`);
const oddValue = fc.oneof(
  fc.anything(),
  fc.constantFrom(null, 'NaN', '12', true, -0, Number.POSITIVE_INFINITY, 2 ** 53 + 2, 70_000, 24.3),
);
const value = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -200, max: 40_000 }) },
  fc.double(),
  oddValue,
);
const edge = fc.constantFrom(
  NOW,
  NOW + MAX_AHEAD_MS,
  NOW + MAX_AHEAD_MS + 1,
  NOW - RETENTION_MS,
  NOW - RETENTION_MS - 1,
);
const time = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: NOW / 1000 - 1000, max: NOW / 1000 }) },
  edge,
  edge.map((t) => t / 1000),
  fc.double(),
  fc.anything(),
);
const sometimes = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.option(arbitrary, { nil: undefined, freq: 8 }).map((x) => x);
const rare = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const anyItem = fc
  .record({
    agri_id: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...ids) },
      fc.constantFrom('', `${DEVICE}-01-1-00`, `${DEVICE}-1-07`, 'x-1'),
      fc.anything(),
    ),
    value: sometimes(value),
    t: sometimes(time),
    v: rare(value),
    raw: rare(fc.constantFrom('00F3', 'zz', 5)),
    scaled: rare(fc.oneof(fc.boolean(), fc.anything())),
    org_id: rare(fc.constantFrom('yanji-lab', 'other', 5)),
  })
  .map((item) => JSON.parse(JSON.stringify(item)) as unknown);

const hex = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  fc.constantFrom('', '0', 'zz', '01030200F3F9C1'),
);
/** Mostly the first, sometimes one of the others. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const anyFrame = fc.record({
  unit: mostly<unknown>(1, 2, 256, '1'),
  modbus_type: mostly<unknown>('holding', 'HOLDING', 'coil', 'input', 3),
  address: mostly<unknown>(0, 1, 7, -1, 65_536),
  framing: mostly('registers', 'rtu', 'pdu', 'ascii'),
  hex,
  t: sometimes(time),
});

describe('PlainItems', () => {
  it('judges an item as readItem does, or leaves it', () => {
    const seen = { plain: 0, left: 0 };
    fc.assert(
      fc.property(fc.array(fc.oneof(anyItem, fc.anything()), { maxLength: 12 }), (items) => {
        const sender = senderOf();
        const plain = new PlainItems(sender);
        for (const item of items) {
          const point = plain.read(item);
          seen[point ? 'plain' : 'left'] += 1;
          if (point) expect({ ok: true, point }).toEqual(readItem(item, 'items[0]', sender.context));
        }
      }),
      { numRuns: 2000 },
    );
    expect(seen.plain).toBeGreaterThan(200);
    expect(seen.left).toBeGreaterThan(200);
  });

  it('takes the items that nearly every message is made of, in whatever order they come', () => {
    const plain = new PlainItems(senderOf());
    const [a, b] = ids;
    for (const id of [a, b, a, b, b, a, a, b]) {
      expect(plain.read({ agri_id: id, value: 5, t: NOW / 1000, the_type: 'temp' })).toMatchObject({
        agriId: id,
      });
    }
  });
});

describe('readPlainFrame', () => {
  it('judges a frame as readFrame does, or leaves it and puts nothing', () => {
    const seen = { plain: 0, left: 0 };
    fc.assert(
      fc.property(fc.oneof(anyFrame, fc.anything()), (frame) => {
        const sender = senderOf();
        const points: Point[] = [];
        const plain = readPlainFrame(frame, sender, points);
        seen[plain ? 'plain' : 'left'] += 1;
        if (!plain) expect(points).toEqual([]);
        else
          expect(points.map((point) => ({ ok: true, point }))).toEqual(
            readFrame(frame, 'frames[0]', sender.context),
          );
      }),
      { numRuns: 5000 },
    );
    expect(seen.plain).toBeGreaterThan(200);
    expect(seen.left).toBeGreaterThan(200);
  });
});
