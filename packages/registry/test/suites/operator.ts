import { beforeEach, describe, expect, it } from 'vitest';
import type { Registry } from '../../src/index.ts';
import type { SuiteContext } from './context.ts';

const PAGE = { page: 1, pageSize: 50 };
const ALPHA = { orgId: 'mine', projectId: 'alpha' };

export function operatorSuite(context: SuiteContext): void {
  describe('Registry.operator', () => {
    let registry: Registry;
    let operator: Registry['operator'];

    beforeEach(async () => {
      registry = context.registry();
      operator = registry.operator;
      for (const orgId of ['mine', 'theirs']) {
        await operator.orgs.create({ orgId, name: orgId });
        await operator.projects.create({ orgId, projectId: 'alpha', name: 'Alpha' });
      }
    });

    const newToken = async (over: object = {}) =>
      await operator.tokens.create({
        orgId: 'mine',
        name: 'gateways',
        role: 'manager',
        projects: undefined,
        expiresAt: undefined,
        ...over,
      });

    it('makes organizations and projects once, also when two come together', async () => {
      const both = await Promise.all([1, 2].map(() => operator.orgs.create({ orgId: 'new', name: 'New' })));
      expect(both.sort()).toEqual(['created', 'exists']);
      expect(await operator.projects.create({ ...ALPHA, name: 'Another' })).toBe('exists');
      expect(await operator.projects.create({ ...ALPHA, orgId: 'nobody', name: 'x' })).toBe('no_org');
      expect(await operator.projects.list({ ...PAGE, orgId: 'mine' })).toMatchObject({
        count: 1,
        rows: [{ ...ALPHA, name: 'Alpha', devices: 0 }],
      });
      expect(await operator.orgs.list({ page: 2, pageSize: 2 })).toMatchObject({
        count: 3,
        rows: [{ orgId: 'theirs', isActive: true, projects: 1, devices: 0, tokens: 0 }],
      });
    });

    it('keeps names as they are, whatever is in them', async () => {
      const name = `'; drop table orgs; -- "\\ %_ 温室 🌱`;
      await operator.orgs.create({ orgId: 'odd', name });
      expect(await operator.orgs.find('odd')).toMatchObject({ name });
      expect(await operator.orgs.find(`odd' or '1'='1`)).toBeUndefined();
      expect(await newToken({ name })).toMatchObject({ kind: 'created' });
      expect(await operator.tokens.revoke('mine', name)).toBe('revoked');
    });

    it('makes a token that opens what it says, and one of a name at a time', async () => {
      const made = await newToken({
        role: 'reader',
        projects: ['alpha'],
        expiresAt: new Date(context.now + 9_000),
      });
      if (made.kind !== 'created') throw new Error(made.kind);
      expect(await registry.verifyToken(made.text)).toMatchObject({
        ok: true,
        token: { orgId: 'mine', role: 'reader', projects: ['alpha'] },
      });
      expect(await newToken()).toEqual({ kind: 'exists' });
      expect(await newToken({ orgId: 'theirs' })).toMatchObject({ kind: 'created' });
      expect(await operator.orgs.find('mine')).toMatchObject({ tokens: 1 });
      expect(await newToken({ name: 'x', projects: ['alpha', 'beta'] })).toEqual({
        kind: 'no_project',
        projects: ['beta'],
      });
      expect(await newToken({ orgId: 'nobody' })).toEqual({ kind: 'no_org' });
      const listed = await operator.tokens.list({ ...PAGE, orgId: 'mine' });
      expect(listed).toMatchObject({
        count: 1,
        rows: [{ name: 'gateways', projects: ['alpha'], isActive: true }],
      });
      expect(JSON.stringify(listed)).not.toContain(made.text);
    });

    it('revokes a token at once here and within three seconds elsewhere, for good', async () => {
      const made = await newToken();
      if (made.kind !== 'created') throw new Error(made.kind);
      const elsewhere = context.registry();
      expect((await elsewhere.verifyToken(made.text)).ok).toBe(true);
      expect((await registry.verifyToken(made.text)).ok).toBe(true);
      expect(await operator.tokens.revoke('mine', 'gateways')).toBe('revoked');
      expect(await operator.tokens.revoke('mine', 'gateways')).toBe('unchanged');
      expect(await operator.tokens.revoke('theirs', 'gateways')).toBe('missing');
      expect(await registry.verifyToken(made.text)).toEqual({ ok: false, reason: 'inactive' });
      context.now += 3_000;
      expect(await elsewhere.verifyToken(made.text)).toEqual({ ok: false, reason: 'inactive' });
      expect(await newToken()).toMatchObject({ kind: 'created' });
      context.now += 3_000;
      expect(await elsewhere.verifyToken(made.text)).toEqual({ ok: false, reason: 'unknown' });
    });

    it('switches an organization off with its tokens, and on again', async () => {
      const made = await newToken();
      if (made.kind !== 'created') throw new Error(made.kind);
      expect(await operator.orgs.setActive('mine', false)).toBe('changed');
      expect(await operator.orgs.setActive('mine', false)).toBe('unchanged');
      expect(await operator.orgs.setActive('nobody', false)).toBe('missing');
      expect(await registry.verifyToken(made.text)).toEqual({ ok: false, reason: 'org_invalid' });
      await operator.orgs.setActive('mine', true);
      expect((await registry.verifyToken(made.text)).ok).toBe(true);
    });

    it('registers devices with a code and an agri_id each, all of them or none', async () => {
      const wanted = (...ids: string[]) => ids.map((deviceId) => ({ deviceId, safeCode: null }));
      const first = await operator.devices.register([...wanted('a'), { deviceId: 'b', safeCode: 'WXYZ' }]);
      expect(first).toMatchObject({
        kind: 'registered',
        labels: [
          {
            deviceId: 'a',
            safeCode: expect.stringMatching(/^[A-Z2-9]{4}$/),
            agriId: expect.stringMatching(/^d-\d+-/),
          },
          { deviceId: 'b', safeCode: 'WXYZ' },
        ],
      });
      expect(await operator.devices.register(wanted('c', 'a'))).toEqual({ kind: 'known', known: ['a'] });
      expect(await operator.devices.register(wanted('c'), { project: { ...ALPHA, orgId: 'x' } })).toEqual({
        kind: 'no_project',
      });
      expect((await operator.devices.list(PAGE)).count).toBe(2);
      expect(
        await operator.devices.register(wanted('c', 'a'), { project: ALPHA, skipKnown: true }),
      ).toMatchObject({
        labels: [{ deviceId: 'c' }],
        skipped: ['a'],
      });
      const [placed] = await operator.devices.find('c');
      expect(placed).toMatchObject({ ...ALPHA, bindTime: expect.any(Date), factors: 0 });
      expect((await operator.devices.list({ ...PAGE, unbound: true })).rows).toMatchObject([
        { deviceId: 'a', orgId: null, projectId: null },
        { deviceId: 'b' },
      ]);
    });

    it('places a device in its own organization only, and takes it out again', async () => {
      await operator.devices.register([{ deviceId: 'a', safeCode: null }]);
      const [device] = await operator.devices.find('a');
      const { pk = 0, agriId = 'none' } = device ?? {};
      expect((await operator.devices.find(agriId)).map(({ deviceId }) => deviceId)).toEqual(['a']);
      expect(await operator.devices.place(pk, ALPHA)).toBe('placed');
      expect(await operator.devices.place(pk, ALPHA)).toBe('unchanged');
      expect(await operator.devices.place(pk, { ...ALPHA, projectId: 'beta' })).toBe('no_project');
      expect(await operator.devices.place(pk + 1, ALPHA)).toBe('no_device');
      await operator.devices.unbind(pk);
      expect(await operator.devices.find('a')).toMatchObject([
        { orgId: 'mine', projectId: null, bindTime: null },
      ]);
      expect(await operator.devices.place(pk, { ...ALPHA, orgId: 'theirs' })).toBe('other_org');
      await operator.devices.setAllow(pk, false);
      expect(await operator.devices.find('a')).toMatchObject([{ allow: false }]);
    });

    it('registers ten thousand devices and pages through them', async () => {
      const wanted = Array.from({ length: 10_000 }, (_, at) => ({ deviceId: `hw-${at}`, safeCode: null }));
      const outcome = await operator.devices.register(wanted, { project: ALPHA });
      expect(outcome.kind === 'registered' && new Set(outcome.labels.map(({ agriId }) => agriId)).size).toBe(
        10_000,
      );
      const page = await operator.devices.list({ orgId: 'mine', search: 'HW-99', page: 2, pageSize: 100 });
      expect(page.count).toBe(111);
      expect(page.rows).toHaveLength(11);
    });
  });
}
