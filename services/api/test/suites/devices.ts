import { describe, expect, it } from 'vitest';
import { ALPHA, EAST, type LivingApi } from '../living-api.ts';

export function devicesSuite(api: LivingApi): void {
  const pk = () => api.pk('868686000123456');
  const names = (answer: { json: { data: { device_name: string }[] } }) =>
    answer.json.data.map((d) => d.device_name);

  describe('GET /devices/', () => {
    it('answers a flat list of the organization, with the project of each device', async () => {
      const { status, json } = await api.ask('GET', '/api/v2/devices/');
      expect(status).toBe(200);
      expect(json).toMatchObject({ success: true, error: null });
      expect(json.data).toHaveLength(3);
      expect(json.data[0]).toMatchObject({
        device_id: '868686000123456',
        device_name: 'Gateway #1',
        info: 'North 100%_wall',
        allow: true,
        bind_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        create_time: expect.stringMatching(/Z$/),
        project: { project_id: 'greenhouse-alpha', name: 'Greenhouse Alpha' },
      });
    });

    it.each([
      ['gateway', ['Gateway #1', 'Second GATEWAY']],
      ['868686000200', ['Freezer']],
      ['100%_', ['Gateway #1']],
      ['%', ['Gateway #1']],
      ['_', ['Gateway #1']],
      ['\\', []],
      [`' or 1=1 --`, []],
    ])('searches for %j as it is, in any letter case', async (search, found) => {
      expect(names(await api.ask('GET', `/api/v2/devices/?search=${encodeURIComponent(search)}`))).toEqual(
        found,
      );
    });

    it('filters by project, and by projects of the scope only', async () => {
      expect(names(await api.ask('GET', '/api/v2/devices/?project_id=cold-chain-east'))).toEqual(['Freezer']);
      expect(names(await api.ask('GET', '/api/v2/devices/', { token: 'eastManager' }))).toEqual(['Freezer']);
      expect(
        names(await api.ask('GET', '/api/v2/devices/?project_id=greenhouse-alpha', { token: 'eastManager' })),
      ).toEqual([]);
    });
  });

  describe('GET /projects/{project_id}/devices/', () => {
    it('answers pages with count, next and previous', async () => {
      const first = (
        await api.ask('GET', `${ALPHA}/?page_size=1&search=gateway`, { headers: { host: 'api.example.org' } })
      ).json;
      expect(first.data).toMatchObject({
        count: 2,
        next: 'http://api.example.org/api/v2/projects/greenhouse-alpha/devices/?page_size=1&search=gateway&page=2',
        previous: null,
        results: [{ device_name: 'Gateway #1', has_thresholds: true, scaled: false }],
      });
      const last = (
        await api.ask('GET', `${ALPHA}/?page_size=1&search=gateway&page=2`, {
          headers: { host: 'other.org' },
        })
      ).json;
      expect(last.data).toMatchObject({
        next: null,
        results: [{ device_name: 'Second GATEWAY', has_thresholds: false }],
      });
      expect(last.data.previous).toBe(
        'http://other.org/api/v2/projects/greenhouse-alpha/devices/?page_size=1&search=gateway&page=1',
      );
    });

    it('takes 20 on a page unless told otherwise, and answers an empty page beyond the last', async () => {
      const { json } = await api.ask('GET', `${ALPHA}/?page=7`);
      expect(json.data).toMatchObject({ count: 2, next: null, results: [] });
      expect(json.data.previous).toMatch(/page=1$/);
    });

    it.each([
      ['device_name', ['Gateway #1', 'Second GATEWAY']],
      ['-device_name', ['Second GATEWAY', 'Gateway #1']],
      ['-created_at', ['Second GATEWAY', 'Gateway #1']],
      ['allow,-id', ['Second GATEWAY', 'Gateway #1']],
    ])('orders by %s', async (ordering, expected) => {
      const { json } = await api.ask('GET', `${ALPHA}/?ordering=${ordering}`);
      expect(json.data.results.map((d: { device_name: string }) => d.device_name)).toEqual(expected);
    });

    it.each(['nothing', '', '-', 'constructor', 'id,nothing'])(
      'refuses to order by %j, naming what it can',
      async (ordering) => {
        const { status, json } = await api.ask('GET', `${ALPHA}/?ordering=${ordering}`);
        expect(status).toBe(400);
        expect(json.error.message).toContain('id, device_id, device_name');
      },
    );

    it('answers 404 for a project that is not there', async () => {
      expect(await api.ask('GET', '/api/v2/projects/nowhere/devices/')).toMatchObject({
        status: 404,
        json: { error: { code: 'DEVICE_NOT_FOUND' } },
      });
    });

    it('keeps its answer with an ETag, until something in it changes', async () => {
      const first = await api.ask('GET', `${ALPHA}/`);
      expect(first.headers['cache-control']).toBe('private, no-cache');
      const etag = String(first.headers['etag']);
      const again = await api.ask('GET', `${ALPHA}/`, { headers: { 'if-none-match': etag } });
      expect([again.status, again.body]).toEqual([304, '']);
      await api.ask('PATCH', `${ALPHA}/${pk()}/`, { body: { info: 'changed' } });
      const changed = await api.ask('GET', `${ALPHA}/`, { headers: { 'if-none-match': etag } });
      expect(changed.status).toBe(200);
      expect(changed.json.data.results[0].info).toBe('changed');
      await api.ask('PATCH', `${ALPHA}/${pk()}/`, { body: { info: 'North 100%_wall' } });
    });
  });

  describe('GET and PATCH /projects/{project_id}/devices/{device_pk}/', () => {
    it('answers the fields of the documents', async () => {
      const { json } = await api.ask('GET', `${ALPHA}/${pk()}/`, { token: 'reader' });
      expect(json.data).toMatchObject({
        id: pk(),
        device_id: '868686000123456',
        has_thresholds: true,
        project: { project_id: 'greenhouse-alpha', name: 'Greenhouse Alpha' },
      });
    });

    it.each(['PUT', 'PATCH'] as const)(
      '%s changes info and allow, and the answers that were kept',
      async (method) => {
        await api.ask('GET', `${ALPHA}/${pk()}/`);
        const { status, json } = await api.ask(method, `${ALPHA}/${pk()}/`, {
          body: { info: method, allow: false },
        });
        expect([status, json.data.info, json.data.allow]).toEqual([200, method, false]);
        expect((await api.ask('GET', `${ALPHA}/${pk()}/`)).json.data.info).toBe(method);
        const list = (await api.ask('GET', '/api/v2/devices/')).json.data;
        expect(list.find((d: { id: number }) => d.id === pk()).allow).toBe(false);
        await api.ask('PATCH', `${ALPHA}/${pk()}/`, { body: { info: 'North 100%_wall', allow: true } });
      },
    );

    it('refuses data of a blocked device, and takes it again when it may', async () => {
      const post = () =>
        api.ask('POST', `${ALPHA}/${pk()}/data/`, { body: [{ agri_id: 'd-1000-abcd-1-00', value: 1 }] });
      await api.ask('PATCH', `${ALPHA}/${pk()}/`, { body: { allow: false } });
      expect(await post()).toMatchObject({ status: 403, json: { error: { code: 'FORBIDDEN' } } });
      await api.ask('PATCH', `${ALPHA}/${pk()}/`, { body: { allow: true } });
      expect(await post()).toMatchObject({ status: 200 });
    });

    it.each([
      ['a project', { project: 5 }, /set-project/],
      ['nothing', {}, /at least one of info and allow/],
      ['a number as info', { info: 5 }, /info is text/],
      ['text that no database holds', { info: 'a\u0000b' }, /NUL/],
      ['half a character', { info: '\ud800' }, /halves/],
    ])('refuses %s', async (_name, body, message) => {
      const answer = await api.ask('PATCH', `${ALPHA}/${pk()}/`, { body });
      expect(answer).toMatchObject({ status: 400, json: { error: { code: 'VALIDATION_ERROR' } } });
      expect(answer.json.error.message).toMatch(message);
    });

    it('answers 404 for a device of another project', async () => {
      expect(await api.ask('GET', `${EAST}/${pk()}/`)).toMatchObject({
        status: 404,
        json: { error: { code: 'DEVICE_NOT_FOUND' } },
      });
    });

    it('says when the device was last heard of', async () => {
      const second = api.pk('868686000123457');
      const path = `${ALPHA}/${second}/`;
      expect((await api.ask('GET', path)).json.data.connect_time).toBeNull();
      await api.ask('POST', `${path}data/`, { body: [{ agri_id: 'd-1001-abcd-1-00', value: 1 }] });
      await api.registry.contacts.flush();
      const { json } = await api.ask('GET', path, { headers: { 'cache-control': 'no-cache' } });
      expect(Date.now() - Date.parse(json.data.connect_time)).toBeLessThan(60_000);
    });
  });
}
