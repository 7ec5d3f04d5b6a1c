import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/route.ts';
import { ROUTES } from '../../src/routes.ts';
import type { Answer, LivingApi, TokenName } from '../living-api.ts';

/** The routes that are the same for everybody. */
const PUBLIC_TAG = 'Base data';

/** Walks every route of the list, so that a new one is walked without anybody thinking of it. */
export function accessSuite(api: LivingApi): void {
  const ours = async () => {
    const devicePk = api.pk('868686000123456');
    const factors = await api.registry.factors.list(devicePk);
    return {
      project_id: 'greenhouse-alpha',
      device_pk: devicePk,
      device_id: devicePk,
      factor_id: factors[0]?.pk,
      factor_agri_id: 'd-1000-abcd-1-00',
      command_token: await api.oneCommand(),
    };
  };
  const nobodys = {
    project_id: 'greenhouse-alpha',
    device_pk: 999_999,
    device_id: 999_999,
    factor_id: 999_999,
    factor_agri_id: 'd-9-none',
    command_token: 'cmd_AAAAAAAAAAAAAAAAAAAAAA',
  };

  const walk = async (route: Route, values: object, token: TokenName | undefined): Promise<Answer> => {
    const url = `/api/v2${route.path.replaceAll(/\{(\w+)\}/g, (_, name) => String(Reflect.get(values, name)))}`;
    const form = { 'content-type': 'multipart/form-data; boundary=x' };
    const file = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n[]\r\n--x--\r\n';
    return await api.ask(route.method, url, {
      ...(token && { token }),
      headers: token ? (route.upload ? form : {}) : { authorization: '' },
      ...(route.upload ? { payload: file } : route.body ? { body: route.example.body } : {}),
    });
  };
  const anonymous = ({ status, body, json }: Answer) => ({
    status,
    code: json?.error?.code,
    // The request's own numbers and id may differ.
    text: body.replaceAll(/[0-9a-f]{32}|\d+|d-[\w-]+|cold-chain-east|nowhere/g, '#'),
  });
  const owned = ROUTES.filter(({ tag }) => tag !== PUBLIC_TAG);
  const title = (routes: readonly Route[]) =>
    routes.map((route) => [route.method, route.path, route] as const);

  describe('every route', () => {
    it.each(title(ROUTES))('%s %s refuses who is not to be let in', async (_method, _path, route) => {
      for (const token of [undefined, 'expired', 'inactive', 'orphaned'] as const) {
        const answer = await walk(route, await ours(), token);
        expect([answer.status, answer.json.error.code]).toEqual([401, 'UNAUTHORIZED']);
        expect(answer.headers['www-authenticate']).toBe('Bearer');
      }
    });

    it.each(title(owned).filter(([, path]) => path.includes('{')))(
      '%s %s says nothing of what is not the caller’s',
      async (_method, _path, route) => {
        // Both organizations have a greenhouse-alpha; a route that names no device asks for a project of ours alone.
        const isOfDevice = /device_|factor_|command_/.test(route.path);
        const values = isOfDevice ? await ours() : { project_id: 'cold-chain-east' };
        const missing = isOfDevice ? nobodys : { project_id: 'nowhere' };
        // The owner's look first: what it left in a cache must not answer a stranger.
        if (route.method === 'GET') expect((await walk(route, values, 'manager')).status).toBe(200);
        const theirs = await walk(route, values, 'foreign');
        expect(theirs.status).toBe(404);
        expect(anonymous(theirs)).toEqual(anonymous(await walk(route, missing, 'foreign')));
        expect(theirs.headers).not.toHaveProperty('etag');
      },
    );

    it.each(title(owned).filter(([, path]) => path.includes('{')))(
      '%s %s is closed to a token of another project',
      async (_method, path, route) => {
        const answer = await walk(route, await ours(), 'eastManager');
        expect(answer.status).toBe(path.includes('{project_id}') ? 403 : 404);
        expect(anonymous(answer)).toEqual(anonymous(await walk(route, { ...nobodys }, 'eastManager')));
      },
    );

    it.each(title(ROUTES).filter(([, , { role }]) => role === 'manager'))(
      '%s %s is closed to a reader, whatever it names',
      async (_method, _path, route) => {
        for (const values of [await ours(), nobodys]) {
          const answer = await walk(route, values, 'reader');
          expect([answer.status, answer.json.error.code]).toEqual([403, 'FORBIDDEN']);
        }
      },
    );

    it('that changes something is for managers', () => {
      const forReaders = ROUTES.filter(({ role, method }) => role === 'reader' && method !== 'GET');
      expect(forReaders.map(({ operationId }) => operationId)).toEqual(['exportFactors']);
    });
  });

  describe('the lists of strangers', () => {
    it('hold nothing of ours under the same project name', async () => {
      for (const path of ['/api/v2/devices/', '/api/v2/projects/greenhouse-alpha/devices/']) {
        await api.ask('GET', path);
        const { body } = await api.ask('GET', path, { token: 'foreign' });
        expect(body).toContain('d-2000-wxyz');
        expect(body).not.toContain('d-1000-abcd');
      }
    });

    it('have ETags that match nothing of ours', async () => {
      const etag = String((await api.ask('GET', '/api/v2/devices/')).headers['etag']);
      const answer = await api.ask('GET', '/api/v2/devices/', {
        token: 'foreign',
        headers: { 'if-none-match': etag },
      });
      expect(answer.status).toBe(200);
    });
  });
}
