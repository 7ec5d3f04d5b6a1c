import { agriId, MAX_AHEAD_MS, RETENTION_MS, type Uplink } from '@furrow/contracts';
import type { DevicePlan } from '@furrow/registry';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processUplink } from '../src/pipeline/process-uplink.ts';
import { devicePlan } from './device-plans.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const RECEIVED = NOW - 500;
const SECONDS = NOW / 1000;
const DEVICE = 'd-1000-abcd';
const TEMP = `${DEVICE}-1-00`;

const plans = devicePlan(DEVICE, [
  { data_factor: 0.1 },
  { data_index: 1, data_type: 'uint16', the_type: 'humi' },
  { data_index: 2, enabled: false },
  { data_index: 3, data_type: 'float', the_type: 'ec' },
]);

function run(items: readonly unknown[], change: Partial<Uplink> = {}, owner: DevicePlan | undefined = plans) {
  const uplink: Uplink = {
    orgId: 'yanji-lab',
    device: agriId(DEVICE),
    receivedAt: RECEIVED,
    items,
    frames: [],
    ...change,
  };
  return processUplink(uplink, () => owner, NOW);
}

const reasonsOf = (result: ReturnType<typeof run>) => result.rejects.map(({ reason }) => reason);

describe('processUplink', () => {
  it('turns an item into a point with the device, its organization and project, and the version', () => {
    expect(run([{ agri_id: TEMP, value: 243, t: SECONDS }])).toEqual({
      readings: 1,
      points: [
        {
          agriId: TEMP,
          t: NOW,
          value: 24.3,
          version: RECEIVED,
          device: DEVICE,
          orgId: 'yanji-lab',
          projectId: 'greenhouse-alpha',
          theType: 'temp',
        },
      ],
      rejects: [],
      notes: [],
    });
  });

  it.each([
    ['a foreign device', { agri_id: 'd-1000-abcde-1-00', value: 1 }, 'prefix_mismatch'],
    ['a device above', { agri_id: 'd-1000', value: 1 }, 'prefix_mismatch'],
    ['an unknown factor', { agri_id: `${DEVICE}-9-99`, value: 1 }, 'unknown_factor'],
    ['the device itself, which is no factor', { agri_id: DEVICE, value: 1 }, 'unknown_factor'],
    ['a factor that is switched off', { agri_id: `${DEVICE}-1-02`, value: 1 }, 'factor_disabled'],
    ['a time in the future', { agri_id: TEMP, value: 1, t: (NOW + MAX_AHEAD_MS + 1) / 1000 }, 'in_future'],
    [
      'a time beyond the retention',
      { agri_id: TEMP, value: 1, t: (NOW - RETENTION_MS - 1) / 1000 },
      'too_old',
    ],
    ['the time of a gateway without a clock', { agri_id: TEMP, value: 1, t: 12 }, 'too_old'],
    ['a time in no form', { agri_id: TEMP, value: 1, t: 'noon' }, 'bad_timestamp'],
    ['a failed reading', { agri_id: TEMP, value: null }, 'no_reading'],
    ['words for a value', { agri_id: TEMP, value: 'abc' }, 'schema_invalid'],
    ['no value', { agri_id: TEMP }, 'schema_invalid'],
    ['no object', 7, 'schema_invalid'],
    ['a raw beyond the type', { agri_id: TEMP, value: 70_000 }, 'decode_failed'],
    ['an infinite reading', { agri_id: `${DEVICE}-1-03`, value: 'inf' }, 'not_finite'],
    ['another organization', { agri_id: TEMP, value: 1, org_id: 'other' }, 'unknown_device'],
  ])('refuses %s, and keeps the reading beside it', (_name, item, reason) => {
    const result = run([item, { agri_id: TEMP, value: 1 }]);
    expect(reasonsOf(result)).toEqual([reason]);
    expect(result.points).toHaveLength(1);
    expect(result.rejects[0]).toMatchObject({
      path: expect.stringMatching(/^items\[0\]/),
      message: expect.stringMatching(/./),
    });
  });

  it('accepts times up to the edges of the window', () => {
    const { points } = run([
      { agri_id: TEMP, value: 1, t: (NOW + MAX_AHEAD_MS) / 1000 },
      { agri_id: TEMP, value: 1, t: (NOW - RETENTION_MS) / 1000 },
      { agri_id: TEMP, value: 1 },
    ]);
    expect(points.map(({ t }) => t)).toEqual([NOW + MAX_AHEAD_MS, NOW - RETENTION_MS, RECEIVED]);
  });

  it('keeps readings of one factor that came together without a time', () => {
    const { points } = run([
      { agri_id: TEMP, value: 1 },
      { agri_id: TEMP, value: 2 },
    ]);
    expect(points.map(({ t, value }) => [t, value])).toEqual([
      [RECEIVED, 0.1],
      [RECEIVED + 1, 0.2],
    ]);
  });

  it.each([
    ['not registered', undefined, 'unknown_device'],
    ['of another organization', devicePlan(DEVICE, [{}], { orgId: 'other' }), 'unknown_device'],
    ['blocked', devicePlan(DEVICE, [{}], { allow: false }), 'device_blocked'],
    ['bound to no project', devicePlan(DEVICE, [{}], { projectId: null }), 'device_blocked'],
  ])('refuses all of a device that is %s, each reading by itself', (_name, owner, reason) => {
    const frames = [{ unit: 1, modbus_type: 'holding', address: 0, framing: 'registers', hex: '00f3' }];
    const uplink = { frames, items: [{ agri_id: TEMP, value: 1 }] };
    const result = processUplink(
      { orgId: 'yanji-lab', device: agriId(DEVICE), receivedAt: RECEIVED, ...uplink },
      () => owner,
      NOW,
    );
    expect(reasonsOf(result)).toEqual([reason, reason]);
    expect(result.readings).toBe(2);
  });

  it('takes the scaling of the device, and of the item before it', () => {
    const scaled = devicePlan(DEVICE, [{ data_factor: 0.1 }], { scaled: true });
    const items = [
      { agri_id: TEMP, value: 24.3 },
      { agri_id: TEMP, value: 243, scaled: false },
    ];
    expect(run(items, {}, scaled).points.map(({ value }) => value)).toEqual([24.3, 24.3]);
  });

  it('decodes register bytes', () => {
    expect(run([{ agri_id: TEMP, raw: 'FFD6' }]).points.map(({ value }) => value)).toEqual([-4.2]);
  });

  it('finds factors of sub-devices, with their project and their block', () => {
    const sub = devicePlan(`${DEVICE}-01`, [{}], { projectId: 'greenhouse-beta' });
    const blocked = devicePlan(`${DEVICE}-02`, [{}], { allow: false });
    const parent = devicePlan(DEVICE, [{}], {}, [sub, blocked]);
    const items = [
      { agri_id: `${DEVICE}-01-1-00`, value: 5 },
      { agri_id: `${DEVICE}-02-1-00`, value: 5 },
    ];
    const result = run(items, {}, parent);
    expect(result.points).toMatchObject([{ device: DEVICE, projectId: 'greenhouse-beta', value: 5 }]);
    expect(reasonsOf(result)).toEqual(['device_blocked']);
  });

  it('gives one point for each factor inside a frame, and one reject for a frame refused whole', () => {
    const frame = {
      unit: 1,
      modbus_type: 'holding',
      address: 0,
      framing: 'registers',
      hex: '00f30032',
      t: SECONDS,
    };
    const result = run([], {
      frames: [frame, { ...frame, hex: '0' }, { ...frame, unit: 9 }, { ...frame, t: 'noon' }],
    });
    expect(result.points.map(({ agriId: id, value }) => [id, value])).toEqual([
      [TEMP, 24.3],
      [`${DEVICE}-1-01`, 50],
    ]);
    expect(reasonsOf(result)).toEqual(['schema_invalid', 'frame_unmatched', 'bad_timestamp']);
    expect(result.readings).toBe(5);
  });

  it('finds the answer in a frame behind noise, and says what it left out', () => {
    const frame = {
      unit: 1,
      modbus_type: 'holding',
      address: 0,
      framing: 'rtu',
      hex: `2b4552524f52${'010302002d7859'}`,
    };
    const result = run([], { frames: [frame] });
    expect(result.points.map(({ value }) => value)).toEqual([4.5]);
    expect(result.notes).toEqual([expect.stringMatching(/^frames\[0\]: .*ERROR/)]);
  });

  it('carries the mark of an inexact value and the label of a state to the point', () => {
    const owner = devicePlan(DEVICE, [{ data_type: 'uint64' }, { data_index: 4, labels: { '1': 'open' } }]);
    const items = [
      { agri_id: TEMP, value: '9007199254740993' },
      { agri_id: `${DEVICE}-1-04`, value: 1 },
    ];
    expect(run(items, {}, owner).points).toMatchObject([
      { value: 9007199254740992, inexact: true },
      { value: 1, label: 'open' },
    ]);
  });

  it('refuses a message whose version lies in the future', () => {
    const result = run([{ agri_id: TEMP, value: 1, t: SECONDS }], { receivedAt: NOW + MAX_AHEAD_MS + 1 });
    expect(reasonsOf(result)).toEqual(['in_future']);
  });

  it('looks up the owner of each item where the message names no device, and refuses frames there', () => {
    const frames = [{ unit: 1, modbus_type: 'holding', address: 0, framing: 'registers', hex: '00f3' }];
    const items = [
      { agri_id: TEMP, value: 1 },
      { agri_id: 'd-2-zzzz-1-00', value: 1 },
    ];
    const result = processUplink(
      { orgId: undefined, device: undefined, receivedAt: RECEIVED, items, frames },
      (id) => (id === TEMP ? plans : undefined),
      NOW,
    );
    expect(result.points).toMatchObject([{ device: DEVICE }]);
    expect(reasonsOf(result)).toEqual(['unknown_device', 'unknown_device']);
  });

  it('accounts for every reading and never throws, whatever it is given', () => {
    const anyItem = fc.oneof(
      fc.anything(),
      fc.record({
        agri_id: fc.constantFrom(TEMP, `${DEVICE}-1-03`, 'x'),
        value: fc.anything(),
        t: fc.anything(),
      }),
      fc.record({
        unit: fc.nat(2),
        modbus_type: fc.constant('holding'),
        address: fc.nat(3),
        framing: fc.constant('rtu'),
        hex: fc.string(),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(anyItem, { maxLength: 8 }),
        fc.array(anyItem, { maxLength: 4 }),
        (items, frames) => {
          const { readings, points, rejects } = run(items, { frames });
          expect(points.length + rejects.length).toBe(readings);
          expect(readings).toBeGreaterThanOrEqual(items.length + frames.length);
          for (const point of points) expect(Number.isFinite(point.value)).toBe(true);
        },
      ),
    );
  });
});
