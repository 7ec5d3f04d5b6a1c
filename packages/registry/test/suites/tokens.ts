import { describe, expect, it } from 'vitest';
import { fleet, org } from '../fleets.ts';
import type { SuiteContext } from './context.ts';

const TEXT = 'a-literal-dev-token';

export function tokensSuite(context: SuiteContext): void {
  describe('verifyToken', () => {
    const seed = async (over: object = {}) => {
      const token = { name: 'dev', role: 'manager' as const, token: TEXT, ...over };
      await context.registry().applyFleet(fleet(org('yanji-lab', [], { tokens: [token] })));
    };

    it('knows a token, its organization, its role and its projects', async () => {
      await seed();
      expect(await context.registry().verifyToken(TEXT)).toEqual({
        ok: true,
        token: {
          id: 1,
          name: 'dev',
          orgId: 'yanji-lab',
          orgPk: 1,
          role: 'manager',
          projects: null,
          expiresAt: null,
        },
      });
      await seed({ role: 'reader', projects: ['greenhouse-alpha'], expires_at: '2999-01-01T00:00:00Z' });
      expect(await context.registry().verifyToken(TEXT)).toMatchObject({
        ok: true,
        token: {
          role: 'reader',
          projects: ['greenhouse-alpha'],
          expiresAt: new Date('2999-01-01T00:00:00Z'),
        },
      });
    });

    it('knows a token that it made itself', async () => {
      await seed({ token: undefined });
      const report = await context
        .registry()
        .applyFleet(fleet(org('yanji-lab', [], { tokens: [{ name: 'new', role: 'reader' }] })));
      const verdict = await context.registry().verifyToken(report.newTokens[0]?.text ?? '');
      expect(verdict).toMatchObject({ ok: true, token: { name: 'new' } });
    });

    it.each([
      ['one with the same prefix', 'a-litera-other-token'],
      ['a longer one', `${TEXT}x`],
      ['an empty one', ''],
      ['one that is too long', 'x'.repeat(10_000)],
      ['one with other characters', `${TEXT} '; drop table tokens`],
    ])('does not know %s', async (_, text) => {
      await seed();
      expect(await context.registry().verifyToken(text)).toEqual({ ok: false, reason: 'unknown' });
    });

    it.each([
      ['inactive', `update tokens set is_active = false`],
      ['expired', `update tokens set expires_at = now() - interval '1 second'`],
      ['org_invalid', `update orgs set is_active = false`],
    ])('refuses a token that is %s', async (reason, statement) => {
      await seed();
      await context.run(statement);
      expect(await context.registry().verifyToken(TEXT)).toEqual({ ok: false, reason });
    });

    it('opens nothing with a token whose projects are gone', async () => {
      await seed({ projects: ['greenhouse-alpha'] });
      await context.run('delete from projects');
      expect(await context.registry().verifyToken(TEXT)).toMatchObject({ ok: true, token: { projects: [] } });
    });

    it('uses an answer for three seconds, and notices the change then', async () => {
      await seed();
      const registry = context.registry();
      expect((await registry.verifyToken(TEXT)).ok).toBe(true);
      await context.run(`update tokens set is_active = false`);
      context.now += 2_999;
      expect((await registry.verifyToken(TEXT)).ok).toBe(true);
      context.now += 1;
      expect((await registry.verifyToken(TEXT)).ok).toBe(false);
    });

    it('refuses a token from the moment it expires, remembered or not', async () => {
      await seed({ expires_at: new Date(context.now + 1_000).toISOString() });
      const registry = context.registry();
      expect((await registry.verifyToken(TEXT)).ok).toBe(true);
      context.now += 1_000;
      expect(await registry.verifyToken(TEXT)).toEqual({ ok: false, reason: 'expired' });
    });

    it('notes when a token was last used, to the minute', async () => {
      await seed();
      const registry = context.registry();
      const lastUsed = async () =>
        (await context.run('select last_used::text from tokens'))[0]?.['last_used'];
      await registry.verifyToken(TEXT);
      const first = await lastUsed();
      expect(first).toEqual(expect.any(String));
      context.now += 30_000;
      await registry.verifyToken(TEXT);
      expect(await lastUsed()).toBe(first);
      context.now += 60_000;
      await registry.verifyToken(TEXT);
      expect(await lastUsed()).not.toBe(first);
    });

    it('stores no text, only a hash and a short prefix', async () => {
      await seed();
      const [row] = await context.run('select * from tokens');
      expect(row).toMatchObject({ prefix: 'a-litera', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(JSON.stringify(row)).not.toContain(TEXT);
    });
  });
}
