import { beforeEach, describe, expect, it } from 'vitest';
import { BIND_LIMITS } from '../../src/bind-guard.ts';
import { ALPHA, EAST, FREE_DEVICE, type LivingApi, SAFE_CODE, type TokenName } from '../living-api.ts';

export function bindingSuite(api: LivingApi): void {
  const bind = (base: string, device_id: string, safe_code: string, token: TokenName = 'manager') =>
    api.ask('POST', `${base}/bind/`, { token, body: { device_id, safe_code } });

  // The count of failed attempts is the server's.
  beforeEach(() => api.restart());

  describe('POST …/devices/bind/ and …/unbind/', () => {
    it('binds by the code on the label, once; again it changes nothing; another project gets 409', async () => {
      const first = await bind(EAST, FREE_DEVICE, SAFE_CODE);
      expect(first).toMatchObject({
        status: 200,
        json: { data: { device_id: FREE_DEVICE, project: { project_id: 'cold-chain-east' } } },
      });
      expect((await bind(EAST, FREE_DEVICE, SAFE_CODE)).json.data).toEqual(first.json.data);
      expect(await bind(ALPHA, FREE_DEVICE, SAFE_CODE)).toMatchObject({
        status: 409,
        json: { error: { code: 'DEVICE_ALREADY_BOUND' } },
      });
    });

    it('unbinds with 204, after which it is in no list of a project and another one can have it', async () => {
      const pk = (await bind(EAST, FREE_DEVICE, SAFE_CODE)).json.data.id;
      const data = () => api.ask('POST', `${EAST}/${pk}/data/`, { body: [{ agri_id: 'd-1-a', value: 1 }] });
      expect((await api.ask('GET', `${EAST}/`)).json.data.count).toBe(2);
      expect(await api.ask('POST', `${EAST}/${pk}/unbind/`)).toMatchObject({ status: 204, body: '' });
      expect((await api.ask('GET', `${EAST}/`)).json.data.count).toBe(1);
      expect(await data()).toMatchObject({ status: 404 });
      expect(await api.ask('POST', `${EAST}/${pk}/unbind/`)).toMatchObject({ status: 404 });
      expect(await bind(ALPHA, FREE_DEVICE, SAFE_CODE)).toMatchObject({ status: 200 });
      expect(await api.ask('POST', `${ALPHA}/${pk}/unbind/`)).toMatchObject({ status: 204 });
    });

    it('keeps an unbound device with its organization, whose readings it has', async () => {
      expect(await bind(ALPHA, FREE_DEVICE, SAFE_CODE, 'foreign')).toMatchObject({ status: 409 });
    });

    it.each([
      ['a wrong code', '868686000123456', 'XXXX'],
      ['an unknown device', 'nobody', SAFE_CODE],
      ['a wrong code of a device of strangers', 'foreign-1', SAFE_CODE],
      ['a device without a code', '868686000200000', 'none'],
    ])('says the same of %s', async (_name, deviceId, code) => {
      const { status, json } = await bind(ALPHA, deviceId, code);
      expect([status, json.error.code, json.error.message]).toEqual([
        404,
        'DEVICE_NOT_FOUND',
        'device not found or safe code mismatch',
      ]);
    });

    it('answers 404 for a project that is not there', async () => {
      expect(await bind('/api/v2/projects/nowhere/devices', FREE_DEVICE, SAFE_CODE)).toMatchObject({
        status: 404,
      });
    });

    it('stops guessing at a device, whoever guesses, with Retry-After', async () => {
      for (let attempt = 0; attempt < BIND_LIMITS.perDevice; attempt++)
        await bind(EAST, FREE_DEVICE, `0${attempt}`);
      for (const token of ['manager', 'eastManager'] as const) {
        const { status, headers, json } = await bind(EAST, FREE_DEVICE, SAFE_CODE, token);
        expect([status, json.error.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
        expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      }
    });

    it('stops a token that tries many devices', async () => {
      for (let attempt = 0; attempt < BIND_LIMITS.perToken; attempt++)
        await bind(ALPHA, `guess-${attempt}`, SAFE_CODE);
      expect(await bind(ALPHA, 'guess-x', SAFE_CODE)).toMatchObject({ status: 429 });
      expect(await bind(EAST, 'guess-x', SAFE_CODE, 'eastManager')).toMatchObject({ status: 404 });
    });
  });

  describe('POST …/devices/{device_pk}/set-project/', () => {
    it('moves the device, and ends the kept lists of both projects', async () => {
      const pk = api.pk('868686000123457');
      const counts = async () => [
        (await api.ask('GET', `${ALPHA}/`)).json.data.count,
        (await api.ask('GET', `${EAST}/`)).json.data.count,
      ];
      const before = await counts();
      const moved = await api.ask('POST', `${ALPHA}/${pk}/set-project/`, {
        body: { project_id: 'cold-chain-east' },
      });
      expect(moved).toMatchObject({
        status: 200,
        json: { data: { project: { project_id: 'cold-chain-east' } } },
      });
      expect(await counts()).toEqual([before[0] - 1, before[1] + 1]);
      await api.ask('POST', `${EAST}/${pk}/set-project/`, { body: { project_id: 'greenhouse-alpha' } });
      expect(await counts()).toEqual(before);
    });

    it.each([
      ['a project of another organization', 'manager', 'far-away', 404],
      ['a project that is not there', 'manager', 'nowhere', 404],
      ['a project that the token does not reach', 'alphaManager', 'cold-chain-east', 403],
    ] as const)('refuses %s', async (_name, token, project_id, status) => {
      const pk = api.pk('868686000123457');
      expect(
        await api.ask('POST', `${ALPHA}/${pk}/set-project/`, { token, body: { project_id } }),
      ).toMatchObject({ status });
    });
  });
}
