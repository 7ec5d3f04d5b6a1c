import { describe, expect, it } from 'vitest';
import { apiUnderTest, DATA_PATH, DEVICE, DownError, NOW, TEMP, tempPoint } from './api-under-test.ts';

describe('POST …/devices/{device_pk}/data/', () => {
  it('adds type, project, organization and a missing time, and queues one uplink', async () => {
    const { call, sent } = apiUnderTest();
    const body = [
      { agri_id: TEMP, value: 243, t: 1708070400, junk: 'x'.repeat(100) },
      { agri_id: TEMP, v: 244 },
    ];
    const { status, json } = await call('POST', DATA_PATH, { body });
    expect(status).toBe(200);
    expect(json).toEqual({ success: true, data: { received: 2 }, error: null });
    expect(sent).toEqual([
      {
        v: 1,
        org_id: 'yanji-lab',
        project_id: 'greenhouse-alpha',
        device: DEVICE,
        received_at: NOW,
        items: [
          { agri_id: TEMP, value: 243, t: 1708070400, the_type: 'temp' },
          { agri_id: TEMP, value: 244, t: NOW, the_type: 'temp' },
        ],
        frames: [],
      },
    ]);
  });

  it('takes frames and items together', async () => {
    const { call, sent } = apiUnderTest();
    const frame = {
      unit: 1,
      modbus_type: 'HOLDING_REGISTER',
      address: 0,
      framing: 'rtu',
      hex: '010302002D7859',
    };
    const { json } = await call('POST', DATA_PATH, {
      body: { items: [{ agri_id: TEMP, raw: '00F3' }], frames: [frame] },
    });
    expect(json.data).toEqual({ received: 2 });
    expect(sent[0]).toMatchObject({
      items: [{ agri_id: TEMP, raw: '00F3', t: NOW }],
      frames: [{ ...frame, modbus_type: 'holding', t: NOW }],
    });
  });

  it('answers a foreign prefix and an unknown factor as it answers everything else, and queues them for the worker', async () => {
    const { call, sent } = apiUnderTest();
    const body = [
      { agri_id: 'd-1000-abcde-1-000', value: 1 },
      { agri_id: `${DEVICE}-9-99`, value: 1 },
    ];
    const { status, json } = await call('POST', DATA_PATH, { body });
    expect([status, json.data]).toEqual([200, { received: 2 }]);
    expect(sent[0]?.items).toMatchObject(body);
  });

  it('names what has not the form of an item, and queues it as it is, so that it is counted', async () => {
    const { call, sent } = apiUnderTest();
    const body = [{ agri_id: TEMP, value: 'abc' }, 7, { agri_id: TEMP, value: 1 }];
    const { status, json } = await call('POST', DATA_PATH, { body });
    expect(status).toBe(200);
    expect(json.data).toMatchObject({
      received: 3,
      problems: [{ name: 'items[0].value' }, { name: 'items[1]' }],
    });
    expect(sent[0]?.items?.slice(0, 2)).toEqual(body.slice(0, 2));
  });

  it('keeps integers beyond 2^53 and infinite numbers what they are', async () => {
    const { call, sent } = apiUnderTest();
    const body = `[{"agri_id":"${TEMP}","value":9007199254740993},{"agri_id":"${TEMP}","value":1e400}]`;
    await call('POST', DATA_PATH, { body });
    expect(sent[0]?.items).toMatchObject([{ value: '9007199254740993' }, { value: 'Infinity' }]);
  });

  it.each([
    ['an empty list', []],
    ['more items than can be judged in a moment', Array(50_001).fill(1)],
    ['an object without lists', {}],
    ['items that are no list', { items: 5 }],
    ['a number', 5],
    ['null', null],
  ])('refuses %s', async (_name, body) => {
    const { call, sent } = apiUnderTest();
    expect(await call('POST', DATA_PATH, { body })).toMatchObject({
      status: 400,
      json: { error: { code: 'VALIDATION_ERROR' } },
    });
    expect(sent).toEqual([]);
  });

  it.each([
    ['a token without the manager role', DATA_PATH, 'reader', 403, 'FORBIDDEN'],
    ['a token of other projects', DATA_PATH, 'elsewhere', 403, 'FORBIDDEN'],
    ['a device of no such key', DATA_PATH.replace('42', '43'), 'manager', 404, 'DEVICE_NOT_FOUND'],
    ['another project', DATA_PATH.replace('alpha', 'beta'), 'manager', 404, 'DEVICE_NOT_FOUND'],
    ['a key that is no number', DATA_PATH.replace('42', 'abc'), 'manager', 400, 'VALIDATION_ERROR'],
    ['a key beyond the database', DATA_PATH.replace('42', '99999999999'), 'manager', 400, 'VALIDATION_ERROR'],
  ])('refuses %s', async (_name, path, token, status, code) => {
    const { call, sent } = apiUnderTest();
    const answer = await call('POST', path, { token, body: [{ agri_id: TEMP, value: 1 }] });
    expect(answer).toMatchObject({ status, json: { error: { code } } });
    expect(sent).toEqual([]);
  });

  it.each([
    ['as an item', (deep: string) => `[${deep}]`],
    ['as a time', (deep: string) => `[{"agri_id":"${TEMP}","value":1,"t":${deep}}]`],
  ])('refuses endless nesting %s', async (_name, body) => {
    const { call } = apiUnderTest();
    const answer = await call('POST', DATA_PATH, { body: body('['.repeat(200_000) + ']'.repeat(200_000)) });
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'VALIDATION_ERROR' } } });
  });

  it('refuses a blocked device', async () => {
    const { call, state } = apiUnderTest();
    state.device = { ...state.device, allow: false };
    expect(await call('POST', DATA_PATH, { body: [{ agri_id: TEMP, value: 1 }] })).toMatchObject({
      status: 403,
    });
  });

  it('does not say 200 while the queue takes nothing', async () => {
    const { call, state, server } = apiUnderTest();
    const answer = call('POST', DATA_PATH, { body: [{ agri_id: TEMP, value: 1 }] });
    state.failing = new DownError('throttled');
    expect((await answer).status).toBe(503);
    await server.close();
  });
});

describe('GET …/devices/{device_pk}/data/', () => {
  it('answers the newest reading of each factor under the name of its type', async () => {
    const { call, points } = apiUnderTest();
    points.push(tempPoint(1708070400_000, 24.1), { ...tempPoint(1708070400_500, 60), theType: 'humi' });
    const { json } = await call('GET', DATA_PATH, { token: 'reader' });
    expect(json).toEqual({
      success: true,
      data: [
        { agri_id: TEMP, temp: 24.1, t: 1708070400 },
        { agri_id: TEMP, humi: 60, t: 1708070400.5 },
      ],
      error: null,
    });
  });

  it('answers an empty list when nothing is known', async () => {
    const { call } = apiUnderTest();
    expect((await call('GET', DATA_PATH)).json.data).toEqual([]);
  });

  it('keeps its answer until it is asked for a fresh one or new readings come', async () => {
    const { call, points, cache } = apiUnderTest();
    points.push(tempPoint(1708070400_000, 1));
    const newest = async (headers = {}) => (await call('GET', DATA_PATH, { headers })).json.data[0].temp;
    expect(await newest()).toBe(1);
    points[0] = tempPoint(1708070460_000, 2);
    expect(await newest()).toBe(1);
    expect(await newest({ 'cache-control': 'no-cache' })).toBe(2);
    points[0] = tempPoint(1708070520_000, 3);
    expect(await newest()).toBe(2);
    cache.invalidate(TEMP);
    expect(await newest()).toBe(3);
    points[0] = tempPoint(1708070580_000, 4);
    await call('POST', DATA_PATH, { body: [{ agri_id: TEMP, value: 40 }] });
    expect(await newest()).toBe(4);
  });
});
