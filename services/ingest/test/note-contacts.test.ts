import { agriId, type Point, parseUplink } from '@furrow/contracts';
import { describe, expect, it, vi } from 'vitest';
import { noteContacts } from '../src/note-contacts.ts';
import { devicePlan } from './device-plans.ts';
import { DEVICE, startWorker } from './worker-room.ts';

const RECEIVED_AT = 1_708_070_401_123;
const OTHER = agriId('d-2000-abcd');
const PLANS = new Map([
  [DEVICE, devicePlan(DEVICE, [{}], { pk: 7 })],
  [OTHER, devicePlan(OTHER, [{}], { pk: 8, allow: false })],
]);

/** What is noted of an uplink whose points came from `senders`. */
function noted(body: object, senders: readonly string[] = []): [number, number | undefined][] {
  const parsed = parseUplink(JSON.stringify(body), { sentAt: RECEIVED_AT });
  if (!parsed.ok) throw new Error('the uplink is not valid');
  const contacts: [number, number | undefined][] = [];
  const points = senders.map((device) => ({ device }) as Point);
  const note = (pk: number, at?: number) => void contacts.push([pk, at]);
  noteContacts({ note }, parsed.value, points, (id) => PLANS.get(id));
  return contacts;
}

const uplink = (over: object = {}) => ({
  v: 1,
  org_id: 'yanji-lab',
  project_id: 'greenhouse-alpha',
  device: DEVICE,
  received_at: RECEIVED_AT,
  items: [{ agri_id: `${DEVICE}-1-00`, value: null }],
  ...over,
});

describe('noteContacts', () => {
  it('notes the sender at the time of receipt, also when none of its readings is good', () => {
    expect(noted(uplink())).toEqual([[7, RECEIVED_AT]]);
  });

  it.each([
    ['another organization', { org_id: 'somebody-else' }],
    ['a device that is not registered', { device: 'd-9' }],
    ['a device that is blocked', { device: OTHER }],
  ])('notes nothing in the name of %s', (_, over) => {
    expect(noted(uplink(over))).toEqual([]);
  });

  it('notes the owners of the points where the uplink names no device, each once', () => {
    const items = [
      { agri_id: `${DEVICE}-1-00`, value: 1, project_id: 'greenhouse-alpha', org_id: 'yanji-lab' },
    ];
    expect(noted(items, [DEVICE, DEVICE])).toEqual([[7, RECEIVED_AT]]);
    expect(noted(items)).toEqual([]);
  });
});

describe('IngestWorker', () => {
  it('notes the contacts of the devices whose uplinks it handled', async () => {
    const note = vi.fn();
    const plansFor = async () => PLANS;
    const plans = { plansFor, ownersOf: plansFor };
    const { send, finished, metrics } = await startWorker({
      registry: { probe: async () => {}, plans, contacts: { note, failures: 3 } },
    });
    const before = Date.now();
    await send(2);
    await finished(2);
    expect(note.mock.calls.map(([pk]) => pk)).toEqual([7, 7]);
    expect(note.mock.calls.every(([, at]) => at > before - 60_000 && at <= Date.now())).toBe(true);
    expect(await metrics.metrics()).toContain('furrow_contact_write_failures{service="test"} 3');
  });
});
