import { beforeAll, describe, expect, it } from 'vitest';
import { ALPHA, EAST, type LivingApi, point } from '../living-api.ts';

const BODY = {
  unit: 7,
  address: 10,
  the_type: 'temp',
  data_endian: 'big',
  data_type: 'int16',
  data_index: 0,
  modbus_type: 'holding',
  data_factor: 0.1,
};

export function factorsSuite(api: LivingApi): void {
  let path = '';
  beforeAll(() => {
    path = `/api/v2/devices/${api.pk('868686000123456')}/factors/`;
  });
  const create = async (over: object = {}) => await api.ask('POST', path, { body: { ...BODY, ...over } });
  const remove = (pk: number) => api.ask('DELETE', `${path}${pk}/`);

  describe('the factors of a device', () => {
    it('are listed in the spelling of the factor pages, with texts', async () => {
      const { status, json } = await api.ask('GET', path, { token: 'reader' });
      expect(status).toBe(200);
      expect(json.data[0]).toEqual({
        pk: expect.any(Number),
        device: api.pk('868686000123456'),
        name: 'Air temperature',
        unit: 1,
        address: 0,
        the_type: 'temp',
        the_type_detail: { name: 'Temperature', unit: '℃', icon: 'temp.png' },
        data_endian: 'big',
        data_endian_display: 'Big Endian',
        data_type: 'int16',
        data_type_display: '16-bit Integer',
        data_index: 0,
        modbus_type: 'holding',
        modbus_type_display: 'Holding Register',
        data_factor: 0.1,
        data_delta: 0,
        info: '',
        enabled: true,
        agri_id: 'd-1000-abcd-1-00',
      });
      const [first] = json.data;
      expect((await api.ask('GET', `${path}${first.pk}/`)).json.data).toEqual(first);
    });

    it('are created with any spelling, changed whole or in part, and deleted', async () => {
      const { status, json } = await create({
        data_type: 'FLOAT',
        modbus_type: 'HOLDING_REGISTER',
        data_endian: 'CDAB',
      });
      expect([status, json.data.data_type, json.data.data_endian, json.data.agri_id]).toEqual([
        200,
        'float',
        'CDAB',
        'd-1000-abcd-7-100',
      ]);
      const one = `${path}${json.data.pk}/`;
      const sentBack = await api.ask('PUT', one, { body: { ...json.data, info: 'as it came' } });
      expect(sentBack).toMatchObject({
        status: 200,
        json: { data: { info: 'as it came', data_type: 'float' } },
      });
      const patched = await api.ask('PATCH', one, { body: { min: -5, max: 40, name: 'Probe' } });
      expect(patched.json.data).toMatchObject({ min: -5, max: 40, name: 'Probe', info: 'as it came' });
      expect((await api.ask('PATCH', one, { body: { min: null } })).json.data).not.toHaveProperty('min');
      expect((await api.ask('PUT', one, { body: BODY })).json.data).toMatchObject({
        data_type: 'int16',
        name: '',
      });
      expect(await api.ask('DELETE', one)).toMatchObject({
        status: 200,
        json: { success: true, data: null, error: null },
      });
      expect(await api.ask('GET', one)).toMatchObject({
        status: 404,
        json: { error: { code: 'FACTOR_NOT_FOUND' } },
      });
    });

    it('change the plan by which the worker decodes', async () => {
      const before = await api.registry.findDevice(
        { orgPk: 1, projects: null },
        { devicePk: api.pk('868686000123456') },
      );
      const { json } = await create();
      await remove(json.data.pk);
      const after = await api.registry.findDevice(
        { orgPk: 1, projects: null },
        { devicePk: api.pk('868686000123456') },
      );
      expect(after?.version).toBeGreaterThanOrEqual((before?.version ?? 0) + 2);
    });

    it('get the label of the position that they move to', async () => {
      const { json } = await create();
      const moved = await api.ask('PATCH', `${path}${json.data.pk}/`, { body: { address: 20 } });
      expect(moved.json.data.agri_id).toBe('d-1000-abcd-7-200');
      await remove(json.data.pk);
    });

    it.each([
      ['without data_index', { data_index: undefined }, 'data_index'],
      ['of an unknown type', { data_type: 'int17' }, 'data_type'],
      ['scaled by 0', { data_factor: 0 }, 'data_factor'],
      ['with a mistyped option', { data_facter: 2 }, 'data_facter'],
      ['beyond the last register', { address: 65535, data_type: 'float' }, 'data_index'],
      ['with a minimum above its maximum', { min: 2, max: 1 }, 'min'],
    ])('are refused %s, naming the field', async (_name, over, field) => {
      const { status, json } = await create(over);
      expect([status, json.error.code]).toEqual([400, 'VALIDATION_ERROR']);
      expect(json.error.message).toContain(field);
    });

    it('are refused at a position that is taken, and with a label that is taken, each with its way out', async () => {
      const first = (await create({ address: 1, data_index: 11 })).json.data;
      const same = await create({ address: 1, data_index: 11 });
      expect([same.status, same.json.error.code]).toEqual([409, 'CONFLICT']);
      expect(same.json.error.message).toBe(
        `factor ${first.pk} has the same unit, modbus_type, address, data_index and bit`,
      );
      const label = await create({ address: 11, data_index: 1 });
      expect(label.status).toBe(409);
      expect(label.json.error.message).toContain('its agri_id would be d-1000-abcd-7-111');
      expect(await create({ address: 12, data_index: 0 })).toMatchObject({ status: 200 });
      for (const { pk, unit } of (await api.ask('GET', path)).json.data) if (unit === 7) await remove(pk);
    });

    it('carry a warning for little on 32 bits, and for nothing else', async () => {
      const wide = (await create({ data_type: 'uint32', data_endian: 'little' })).json.data;
      expect(wide.warning).toMatch(/CDAB/);
      const narrow = (await create({ address: 30, data_endian: 'little' })).json.data;
      expect(narrow).not.toHaveProperty('warning');
      for (const { pk } of [wide, narrow]) await remove(pk);
    });

    it('are copied with the suffix to the next data_index that is free', async () => {
      const original = (await create({ name: 'Probe', data_type: 'float' })).json.data;
      const copy = async () => (await api.ask('POST', `${path}${original.pk}/copy/`)).json.data;
      const [first, second] = [await copy(), await copy()];
      expect([first, second]).toMatchObject([
        { name: 'Probe_copy', data_index: 2, data_type: 'float', agri_id: 'd-1000-abcd-7-102' },
        { name: 'Probe_copy', data_index: 4 },
      ]);
      for (const { pk } of [original, first, second]) await remove(pk);
    });

    it('are not copied beyond the end of a read', async () => {
      const last = (await create({ data_index: 124 })).json.data;
      expect(await api.ask('POST', `${path}${last.pk}/copy/`)).toMatchObject({ status: 409 });
      await remove(last.pk);
    });
  });

  describe('the data of an enumerated factor', () => {
    it('say what a value stands for, as the factor says it now', async () => {
      const { json } = await create({
        the_type: 'switch',
        data_factor: 1,
        labels: { 0: 'closed', 1: 'open' },
      });
      const { agri_id, pk } = json.data;
      api.points.push(point(agri_id, 'switch', 1), point(agri_id, 'switch', 7));
      const history = (await api.ask('GET', `/api/v2/factors/${agri_id}/data/`)).json.data;
      expect(history.data).toMatchObject([{ v: 1, label: 'open' }, { v: 7 }]);
      expect(history.data[1]).not.toHaveProperty('label');
      const { json: latest } = await api.ask('GET', `${ALPHA}/${api.pk('868686000123456')}/data/`);
      expect(latest.data[0]).toEqual({ agri_id, switch: 1, label: 'open', t: 1708070400 });
      api.points.length = 0;
      await remove(pk);
    });
  });

  describe('export, import and modules', () => {
    const exported = async () =>
      (await api.ask('POST', `${ALPHA}/${api.pk('868686000123456')}/export-factors/`)).body;
    const upload = async (devicePath: string, file: string | Buffer, fields: Record<string, string> = {}) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append('file', new Blob([file]), 'factors.json');
      const request = new Request('http://localhost', { method: 'POST', body: form });
      return await api.ask('POST', `${devicePath}import-factors/`, {
        payload: Buffer.from(await request.arrayBuffer()),
        headers: { 'content-type': request.headers.get('content-type') ?? '' },
      });
    };
    const secondPath = () => `${ALPHA}/${api.pk('868686000123457')}/`;
    const factorsOf = async (deviceId: string) =>
      (await api.ask('GET', `/api/v2/devices/${api.pk(deviceId)}/factors/`)).json.data;

    it('gives a file that another device takes, whole or without its envelope, and takes again', async () => {
      const answer = await api.ask('POST', `${ALPHA}/${api.pk('868686000123456')}/export-factors/`, {
        token: 'reader',
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.headers['content-disposition']).toBe('attachment; filename="factors.json"');
      const { status, json } = await upload(secondPath(), answer.body);
      expect([status, json.data.created, json.data.unchanged]).toEqual([200, 2, 0]);
      expect(await factorsOf('868686000123457')).toMatchObject([
        { agri_id: 'd-1001-abcd-1-00', name: 'Air temperature' },
        { agri_id: 'd-1001-abcd-1-10', min: 0, max: 100 },
      ]);
      const bare = JSON.stringify(answer.json.data);
      expect((await upload(secondPath(), bare)).json.data).toMatchObject({ created: 0, unchanged: 2 });
      const cleared = await upload(secondPath(), bare, { clear_existing: 'true' });
      expect(cleared.json.data).toMatchObject({ created: 2, deleted: 2 });
    });

    it('imports all or nothing, and names the rows in the way', async () => {
      const before = await factorsOf('868686000123457');
      const rows = [
        { ...BODY, unit: 9 },
        { ...BODY, unit: 1, address: 0, data_factor: 5 },
        { ...BODY, unit: 9 },
      ];
      const { status, json } = await upload(secondPath(), JSON.stringify(rows));
      expect([status, json.error.code]).toEqual([409, 'CONFLICT']);
      expect(json.error.fields.map(({ name }: { name: string }) => name)).toEqual([
        'factors[1]',
        'factors[2]',
      ]);
      const broken = await upload(secondPath(), JSON.stringify([{ ...BODY, unit: 9 }, { unit: 'x' }, 7]), {
        clear_existing: '1',
      });
      expect(broken.status).toBe(400);
      expect(broken.json.error.fields.map(({ name }: { name: string }) => name.split('.')[0])).toContain(
        'factors[1]',
      );
      expect(await factorsOf('868686000123457')).toEqual(before);
    });

    it.each([
      ['no JSON', 'PK\u0003\u0004'],
      ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00])],
      ['nothing', ''],
      ['an object without factors', '{}'],
      ['a number', '5'],
      ['endless nesting', '['.repeat(100_000) + ']'.repeat(100_000)],
      ['more factors than a device has', JSON.stringify(Array(2_001).fill(BODY))],
      ['text that no database holds', JSON.stringify([{ ...BODY, name: 'a\u0000' }])],
    ])('refuses a file of %s', async (_name, file) => {
      expect(await upload(secondPath(), file)).toMatchObject({
        status: 400,
        json: { error: { code: 'VALIDATION_ERROR' } },
      });
    });

    it('refuses a form without a file, one that breaks off, another type, and a file of more than 50 MB', async () => {
      const path = `${secondPath()}import-factors/`;
      const form = { 'content-type': 'multipart/form-data; boundary=x' };
      const answers = [
        await api.ask('POST', path, { payload: '--x--\r\n', headers: form }),
        await api.ask('POST', path, {
          payload: '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n[',
          headers: form,
        }),
        await api.ask('POST', path, { body: {} }),
        await upload(secondPath(), Buffer.alloc(50 * 1024 * 1024 + 1, 32)),
      ];
      expect(answers.map(({ status }) => status)).toEqual([400, 400, 415, 413]);
    });

    it('adds the factors of a module at a slave address, once', async () => {
      const module = (await api.ask('GET', '/api/v2/base/modules/')).json.data.find(
        (m: { id: number }) => m.id === 5,
      );
      expect(module).toMatchObject({ name: 'Relay board, 4 channels', factors: { length: 4 } });
      const path = `${EAST}/${api.pk('868686000200000')}/add-module/`;
      const { status, json } = await api.ask('POST', path, { body: { module_id: 5, slave_id: 3 } });
      expect([status, json.data.factors.length]).toEqual([200, 4]);
      expect(json.data.factors[0]).toMatchObject({
        unit: 3,
        modbus_type: 'coil',
        labels: { 0: 'off', 1: 'on' },
      });
      expect(
        (await api.ask('POST', path, { body: { module_id: 5, slave_id: 3 } })).json.data.factors,
      ).toEqual([]);
      expect(await api.ask('POST', path, { body: { module_id: 999, slave_id: 3 } })).toMatchObject({
        status: 404,
      });
      expect(await api.ask('POST', path, { body: { module_id: 5, slave_id: 256 } })).toMatchObject({
        status: 400,
      });
    });

    it('knows only modules whose factors are right', async () => {
      const modules = await api.registry.modules.list();
      expect(modules.map(({ pk }) => pk)).toEqual([1, 2, 3, 4, 5]);
      expect(await exported()).toContain('furrow-factors');
    });
  });

  describe('base data', () => {
    it('lists the options and the types', async () => {
      const options = (await api.ask('GET', '/api/v2/base/factor-options/', { token: 'reader' })).json.data;
      expect(options.data_type).toContainEqual(['int16', '16-bit Integer']);
      expect(options.data_endian).toContainEqual(['big', 'Big Endian']);
      expect(options.modbus_type).toContainEqual(['holding', 'Holding Register']);
      const types = (await api.ask('GET', '/api/v2/base/device-types/')).json.data;
      expect(types).toContainEqual({ type: 'temp', name: 'Temperature', unit: '℃', icon: 'temp.png' });
    });
  });
}
