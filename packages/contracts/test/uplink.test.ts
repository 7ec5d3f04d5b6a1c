import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIssues, parseFrame, parseItem, parseUplink } from '../src/index.ts';

const envelope = {
  v: 1,
  org_id: 'yanji-lab',
  project_id: 'greenhouse-alpha',
  device: 'd-1000-abcd',
  received_at: 1708070401123,
  items: [{ agri_id: 'd-1000-abcd-1-000', value: 243, t: 1708070400, the_type: 'temp' }],
};
const source = { sentAt: 1708070402000 };
const parse = (body: unknown, deviceAgriId?: string) =>
  parseUplink(JSON.stringify(body), { ...source, deviceAgriId });

describe('parseUplink', () => {
  it('reads the envelope and leaves its items alone', () => {
    expect(parse(envelope)).toEqual({
      ok: true,
      value: {
        orgId: 'yanji-lab',
        device: 'd-1000-abcd',
        receivedAt: 1708070401123,
        items: envelope.items,
        frames: [],
      },
    });
  });

  it('reads the flat form, its device from the attribute and its time from the queue', () => {
    const flat = [{ agri_id: 'd-1000-abcd-1-000', value: 243 }];
    expect(parse(flat, 'd-1000-abcd')).toEqual({
      ok: true,
      value: { orgId: undefined, device: 'd-1000-abcd', receivedAt: source.sentAt, items: flat, frames: [] },
    });
    expect(parse(flat)).toMatchObject({ ok: true, value: { device: undefined } });
  });

  it('keeps what is no item for parseItem, so that the others are not lost with it', () => {
    expect(parse({ ...envelope, items: [null, 5, envelope.items[0]] })).toMatchObject({
      ok: true,
      value: { items: { length: 3 } },
    });
  });

  it.each([
    ['no JSON', 'not json', 'malformed_json', ''],
    ['nothing', '', 'malformed_json', ''],
    ['a truncated envelope', '{"v":1,"items":[', 'malformed_json', ''],
  ])('refuses %s', (_name, body, reason, path) => {
    expect(parseUplink(body, source)).toMatchObject({ ok: false, reason, issues: [{ path }] });
  });

  it.each([
    ['another version', { ...envelope, v: 2 }, 'v'],
    ['no organization', { ...envelope, org_id: undefined }, 'org_id'],
    ['a device that is no agri_id', { ...envelope, device: 'a b' }, 'device'],
    ['received_at in seconds', { ...envelope, received_at: 1708070401 }, 'received_at'],
    ['received_at that would win for ever', { ...envelope, received_at: 9e15 }, 'received_at'],
    ['items that are no array', { ...envelope, items: {} }, 'items'],
    ['more items than can be judged in a moment', { ...envelope, items: Array(50_001).fill(1) }, 'items'],
    ['more bare items than can be judged in a moment', Array(50_001).fill(1), ''],
    ['neither items nor frames', { ...envelope, items: [] }, ''],
    ['an empty array', [], ''],
    ['a number', 5, ''],
    ['null', null, ''],
  ])('refuses %s and names the place', (_name, body, path) => {
    expect(parse(body)).toMatchObject({ ok: false, reason: 'schema_invalid', issues: [{ path }] });
  });

  it('refuses a device attribute that is no agri_id', () => {
    expect(parse([{}], 'not an id')).toMatchObject({
      ok: false,
      issues: [{ path: 'message attribute device_agri_id' }],
    });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.option(fc.string(), { nil: undefined }),
        (body, deviceAgriId) => {
          expect(typeof parseUplink(body, { ...source, deviceAgriId }).ok).toBe('boolean');
        },
      ),
    );
  });
});

describe('parseItem', () => {
  const item = { agri_id: 'd-1000-abcd-1-000' };

  it.each([
    ['a number', { ...item, value: 24.3 }, 24.3],
    ['v for value', { ...item, v: 7 }, 7],
    ['a boolean', { ...item, value: true }, true],
    ['a failed reading', { ...item, value: null }, null],
    ['a big integer as text', { ...item, value: '9007199254740993' }, '9007199254740993'],
    ['decimal text', { ...item, value: '-1.50' }, '-1.50'],
    ['NaN as text, to be counted as not finite', { ...item, value: 'NaN' }, 'NaN'],
    [
      'a number too large for a double',
      JSON.parse('{"agri_id":"a","value":1e400}'),
      Number.POSITIVE_INFINITY,
    ],
  ])('reads %s', (_name, json, reading) => {
    expect(parseItem(json, 'items[0]')).toMatchObject({ ok: true, value: { reading } });
  });

  it('reads register bytes', () => {
    expect(parseItem({ ...item, raw: '00F3' }, 'items[0]')).toMatchObject({
      ok: true,
      value: { raw: '00F3', reading: undefined },
    });
  });

  it('takes a null time as none', () => {
    expect(parseItem({ ...item, value: 1, t: null }, 'items[0]')).toMatchObject({
      ok: true,
      value: { t: undefined },
    });
  });

  it.each([
    ['words', { ...item, value: 'abc' }, 'items[3].value'],
    ['an object for a value', { ...item, value: {} }, 'items[3].value'],
    ['an array for a value', { ...item, value: [1] }, 'items[3].value'],
    ['hexadecimal text for a value', { ...item, value: '0x10' }, 'items[3].value'],
    ['empty text for a value', { ...item, value: '' }, 'items[3].value'],
    ['no value', item, 'items[3].value'],
    ['a value twice', { ...item, value: 1, raw: '00' }, 'items[3].value'],
    ['half a byte', { ...item, raw: '0' }, 'items[3].raw'],
    ['no agri_id', { value: 1 }, 'items[3].agri_id'],
    ['scaled that is no boolean', { ...item, value: 1, scaled: 'yes' }, 'items[3].scaled'],
    ['a number for an item', 5, 'items[3]'],
    ['null for an item', null, 'items[3]'],
  ])('refuses %s and names the place', (_name, json, path) => {
    const result = parseItem(json, 'items[3]');
    expect(result).toMatchObject({ ok: false, reason: 'schema_invalid', issues: [{ path }] });
  });

  it('shows what it received, shortened', () => {
    const result = parseItem({ ...item, value: 'x'.repeat(10_000) }, 'items[3]');
    expect(result.ok).toBe(false);
    const text = result.ok ? '' : formatIssues(result.issues);
    expect(text).toContain('items[3].value: a value is a number');
    expect(text.length).toBeLessThan(300);
  });

  it('is not misled by keys of the object prototype', () => {
    const json = JSON.parse('{"__proto__":{"value":1},"agri_id":"a"}');
    expect(parseItem(json, 'items[0]')).toMatchObject({ ok: false, reason: 'schema_invalid' });
  });
});

describe('parseFrame', () => {
  const frame = {
    unit: 1,
    modbus_type: 'HOLDING_REGISTER',
    address: 0,
    framing: 'rtu',
    hex: '010302002D7859',
    t: 1708070400,
  };

  it('reads a frame and normalises its table', () => {
    expect(parseFrame(frame, 'frames[0]')).toEqual({ ok: true, value: { ...frame, modbus_type: 'holding' } });
  });

  it.each([
    ['an unknown framing', { ...frame, framing: 'ascii' }, 'frames[0].framing'],
    ['an odd number of digits', { ...frame, hex: '0103020' }, 'frames[0].hex'],
    ['spaces', { ...frame, hex: '01 03' }, 'frames[0].hex'],
    ['no bytes', { ...frame, hex: '' }, 'frames[0].hex'],
    ['an endless frame', { ...frame, hex: '00'.repeat(5000) }, 'frames[0].hex'],
    ['no unit', { ...frame, unit: undefined }, 'frames[0].unit'],
  ])('refuses %s and names the place', (_name, json, path) => {
    expect(parseFrame(json, 'frames[0]')).toMatchObject({
      ok: false,
      reason: 'schema_invalid',
      issues: [{ path }],
    });
  });
});
