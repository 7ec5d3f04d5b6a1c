import { parseUplink, type UplinkMessage } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ItemTooLargeError, MAX_BODY_BYTES, packUplinks, TARGET_BODY_BYTES } from '../src/index.ts';
import { uplinkOf } from './fixtures/sqs-room.ts';

const bytes = (text: string) => Buffer.byteLength(text, 'utf8');
const unpack = (bodies: readonly string[]): UplinkMessage[] => bodies.map((body) => JSON.parse(body));

describe('packUplinks', () => {
  it('leaves a small uplink as it is', () => {
    const uplink = uplinkOf(3);
    expect(unpack(packUplinks(uplink))).toEqual([uplink]);
  });

  it('fills bodies up to the target and keeps the order', () => {
    const uplink = uplinkOf(5_000);
    const bodies = packUplinks(uplink);
    expect(bodies.length).toBe(Math.ceil(bytes(JSON.stringify(uplink.items)) / TARGET_BODY_BYTES));
    expect(unpack(bodies).flatMap((part) => part.items)).toEqual(uplink.items);
  });

  it('gives a single item that is over the target a body of its own', () => {
    const { items: _, ...envelope } = uplinkOf(0);
    const large = { value: 2, note: 'x'.repeat(300_000) };
    const bodies = packUplinks({ ...envelope, items: [{ value: 1 }, large, { value: 3 }] });
    expect(unpack(bodies).map((part) => part.items)).toEqual([[{ value: 1 }], [large], [{ value: 3 }]]);
  });

  it('refuses an item that fits no message and names it', () => {
    const { items: _, ...envelope } = uplinkOf(0);
    const pack = () =>
      packUplinks({ ...envelope, frames: [{ hex: '00' }, { hex: 'f'.repeat(MAX_BODY_BYTES) }] });
    expect(pack).toThrow(ItemTooLargeError);
    expect(pack).toThrow(/^frames\[1\] needs a message of \d+ bytes/);
  });

  it('takes an item that fills a message to the last byte', () => {
    const { items: _, ...envelope } = uplinkOf(0);
    const framework = bytes(JSON.stringify({ ...envelope, items: [], frames: [] }));
    const item = 'x'.repeat(MAX_BODY_BYTES - framework - 2);
    expect(packUplinks({ ...envelope, items: [item] })).toHaveLength(1);
    expect(() => packUplinks({ ...envelope, items: [`${item}x`] })).toThrow(ItemTooLargeError);
  });

  it.each([
    ['no lists', {}],
    ['empty lists', { items: [], frames: [] }],
  ])('makes no body of an uplink with %s', (_, lists) => {
    const { items: _items, ...envelope } = uplinkOf(0);
    expect(packUplinks({ ...envelope, ...lists })).toEqual([]);
  });

  it('loses nothing and stays within the limits, whatever the items hold', () => {
    const json = fc.jsonValue({ noUnicodeString: false });
    const sizes = fc.integer({ min: 0, max: 40_000 });
    const item = fc.oneof(
      json,
      sizes.map((size) => 'ü'.repeat(size)),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), fc.array(item, { maxLength: 6 }), (items, frames) => {
        const { items: _, ...envelope } = uplinkOf(0);
        const bodies = packUplinks({ ...envelope, items, frames });
        const parts = unpack(bodies);
        expect(parts.flatMap((part) => part.items ?? [])).toEqual(JSON.parse(JSON.stringify(items)));
        expect(parts.flatMap((part) => part.frames ?? [])).toEqual(JSON.parse(JSON.stringify(frames)));
        for (const [index, body] of bodies.entries()) {
          const pieces = (parts[index]?.items?.length ?? 0) + (parts[index]?.frames?.length ?? 0);
          expect(pieces === 1 || bytes(body) <= TARGET_BODY_BYTES).toBe(true);
          expect(parseUplink(body, { sentAt: 0 })).toMatchObject({
            ok: true,
            value: { receivedAt: 1708070401123 },
          });
        }
      }),
      { numRuns: 60 },
    );
  });
});
