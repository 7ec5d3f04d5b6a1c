import type { CommandAction } from '@furrow/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AccessScope, MAX_WAITING_COMMANDS, type Registry } from '../../src/index.ts';
import { device, fleet } from '../fleets.ts';
import type { SuiteContext } from './context.ts';

const REBOOT: CommandAction = { kind: 'reboot' };
const ON: CommandAction = { kind: 'switch', unit: 1, address: 3, on: true };
const budget = () => 20_000;

export function commandsSuite(context: SuiteContext): void {
  describe('commands', () => {
    let registry: Registry;
    let all: AccessScope;
    let pks: Record<string, number>;

    beforeEach(async () => {
      registry = context.registry();
      await registry.applyFleet(
        fleet(
          {
            slug: 'mine',
            tokens: [{ name: 'm', role: 'manager', token: 'token-of-the-manager' }],
            projects: [
              {
                project_id: 'alpha',
                devices: [device('a-1'), device('a-2', { gateway_model: 'transparent' })],
              },
              { project_id: 'beta', devices: [device('b-1')] },
            ],
          },
          { slug: 'theirs', projects: [{ project_id: 'alpha', devices: [device('t-1')] }] },
        ),
      );
      const rows = await context.run(
        'select slug as key, pk from orgs union all select agri_id, pk from devices union all select name, pk from tokens',
      );
      pks = Object.fromEntries(rows.map(({ key, pk }) => [String(key), Number(pk)]));
      all = { orgPk: pk('mine'), projects: null };
    });

    const pk = (key: string) => pks[key] ?? Number.NaN;
    const tryIssue = (agriId: string, action = REBOOT, ttlSeconds = 60) =>
      registry.commands.issue(all, { devicePk: pk(agriId) }, { action, requestedBy: pk('m'), ttlSeconds });
    const issue = async (agriId: string, action = REBOOT) => {
      const outcome = await tryIssue(agriId, action);
      if (outcome.kind !== 'issued') throw new Error(outcome.kind);
      return outcome.token;
    };
    const stateOf = async (token: string) => {
      const found = await registry.commands.find(all, token);
      return [found?.state, found?.reason];
    };
    const overTime = (column: 'expires_at' | 'answer_by') =>
      context.run(`update commands set ${column} = clock_timestamp() - interval '1 second'`);

    it('keeps what was asked, under a token that nobody guesses', async () => {
      const outcome = await tryIssue('a-1', ON);
      expect(outcome).toMatchObject({
        kind: 'issued',
        agriId: 'a-1',
        token: expect.stringMatching(/^cmd_.{22}$/),
      });
      const token = outcome.kind === 'issued' ? outcome.token : '';
      const found = await registry.commands.find(all, token);
      expect(found).toMatchObject({
        token,
        devicePk: pk('a-1'),
        factorPk: null,
        action: ON,
        state: 'queued',
        reason: null,
      });
      expect(found?.createTime).toBeInstanceOf(Date);
      expect((found?.expiresAt.getTime() ?? 0) - (found?.createTime.getTime() ?? 0)).toBeGreaterThan(59_000);
      expect(found?.sentTime).toBeNull();
      expect(found?.finishTime).toBeNull();
    });

    it('is found and given only inside the scope', async () => {
      const token = await issue('a-1');
      const scopes: AccessScope[] = [
        { orgPk: pk('theirs'), projects: null },
        { ...all, projects: ['beta'] },
        { ...all, projects: [] },
      ];
      for (const scope of scopes) {
        expect(await registry.commands.find(scope, token)).toBeUndefined();
        const given = await registry.commands.issue(
          scope,
          { devicePk: pk('a-1') },
          { action: REBOOT, requestedBy: 1, ttlSeconds: 60 },
        );
        expect(given).toEqual({ kind: 'no_device' });
      }
      expect(await registry.commands.find({ ...all, projects: ['alpha'] }, token)).toMatchObject({ token });
      const elsewhere = await registry.commands.issue(
        all,
        { devicePk: pk('a-1'), projectId: 'beta' },
        { action: REBOOT, requestedBy: 1, ttlSeconds: 60 },
      );
      expect(elsewhere).toEqual({ kind: 'no_device' });
    });

    it('is claimed once, however often and however much at the same time it is asked for', async () => {
      const token = await issue('a-1', ON);
      const claims = await Promise.all(
        Array.from({ length: 5 }, () => registry.commands.claim(token, budget)),
      );
      const kinds = claims.map((claim) => (claim.kind === 'done' ? claim.because : claim.kind)).sort();
      expect(kinds.filter((kind) => kind === 'claimed')).toHaveLength(1);
      expect(await registry.commands.claim(token, budget)).toEqual({ kind: 'done', because: 'taken' });
      expect(claims.find((claim) => claim.kind === 'claimed')).toMatchObject({
        command: { token, action: ON, deviceId: 'hw-a-1', agriId: 'a-1', gatewayModel: 'yy-m200' },
      });
      expect(await stateOf(token)).toEqual(['sent', null]);
    });

    it('goes out in the order in which it was given, one of a device at a time', async () => {
      const [first, second, other] = [await issue('a-1'), await issue('a-1'), await issue('b-1')];
      expect(await registry.commands.claim(second, budget)).toEqual({ kind: 'wait' });
      expect(await registry.commands.claim(other, budget)).toMatchObject({ kind: 'claimed' });
      expect(await registry.commands.claim(first, budget)).toMatchObject({ kind: 'claimed' });
      expect(await registry.commands.claim(second, budget)).toEqual({ kind: 'wait' });
      expect(await registry.commands.settle(first, { state: 'confirmed', detail: 'OK' })).toBe(true);
      expect(await registry.commands.claim(second, budget)).toMatchObject({ kind: 'claimed' });
      expect(await stateOf(first)).toEqual(['confirmed', null]);
    });

    it('cannot be in flight twice for one device, whoever writes', async () => {
      const tokens = [await issue('a-1'), await issue('a-1')];
      await expect(
        context.run(
          `update commands set state = 'sent', answer_by = now() where token in ('${tokens.join("','")}')`,
        ),
      ).rejects.toThrow();
    });

    it('expires instead of being sent, and reads as expired before anybody writes it', async () => {
      const token = await issue('a-1');
      await overTime('expires_at');
      expect(await stateOf(token)).toEqual(['expired', 'too_late']);
      expect((await registry.commands.find(all, token))?.finishTime).toBeInstanceOf(Date);
      expect(await registry.commands.claim(token, budget)).toEqual({ kind: 'done', because: 'expired' });
      expect(await stateOf(token)).toEqual(['expired', 'too_late']);
      expect(await registry.commands.claim(token, budget)).toEqual({ kind: 'done', because: 'taken' });
    });

    it('does not hold up the next one when it has expired or was never answered', async () => {
      const [expired, next] = [await issue('a-1'), await issue('a-1')];
      await context.run(`update commands set expires_at = clock_timestamp() where token = '${expired}'`);
      expect(await registry.commands.claim(next, budget)).toMatchObject({ kind: 'claimed' });
      const last = await issue('a-1');
      await overTime('answer_by');
      expect(await stateOf(next)).toEqual(['failed', 'no_answer']);
      expect(await registry.commands.claim(last, budget)).toMatchObject({ kind: 'claimed' });
      expect(await stateOf(next)).toEqual(['failed', 'no_answer']);
    });

    it('ends once: a late end changes nothing', async () => {
      const token = await issue('a-1');
      expect(await registry.commands.settle(token, { state: 'confirmed' })).toBe(false);
      await registry.commands.claim(token, budget);
      expect(
        await registry.commands.settle(token, { state: 'failed', reason: 'refused', detail: 'ARGS' }),
      ).toBe(true);
      expect(await registry.commands.settle(token, { state: 'confirmed' })).toBe(false);
      expect(await registry.commands.find(all, token)).toMatchObject({
        state: 'failed',
        reason: 'refused',
        detail: 'ARGS',
      });
      const late = await issue('a-1');
      await registry.commands.claim(late, budget);
      await overTime('answer_by');
      expect(await registry.commands.settle(late, { state: 'confirmed' })).toBe(false);
      expect(await stateOf(late)).toEqual(['failed', 'no_answer']);
    });

    it('can be claimed again when its claim was given back', async () => {
      const token = await issue('a-1');
      await registry.commands.claim(token, budget);
      await registry.commands.release(token);
      expect(await registry.commands.find(all, token)).toMatchObject({ state: 'queued', sentTime: null });
      expect(await registry.commands.claim(token, budget)).toMatchObject({ kind: 'claimed' });
      await registry.commands.settle(token, { state: 'confirmed' });
      await registry.commands.release(token);
      expect(await stateOf(token)).toEqual(['confirmed', null]);
    });

    it.each([
      ['unbound', 'update devices set project_pk = null', 'device_unbound'],
      ['blocked', 'update devices set allow = false', 'device_blocked'],
      ['of another model', `update devices set gateway_model = 'none'`, 'not_supported'],
    ])('is not sent to a device that is %s meanwhile', async (_, statement, reason) => {
      const token = await issue('a-1');
      await context.run(statement);
      expect(await registry.commands.claim(token, budget)).toEqual({ kind: 'done', because: 'refused' });
      expect(await stateOf(token)).toEqual(['failed', reason]);
    });

    it('that the queue refused is never sent', async () => {
      const token = await issue('a-1');
      await registry.commands.refused(token, 'AccessDenied');
      expect(await stateOf(token)).toEqual(['failed', 'queue_refused']);
      expect(await registry.commands.claim(token, budget)).toEqual({ kind: 'done', because: 'taken' });
      await registry.commands.refused(await issue('a-2'), '');
    });

    it('is bounded for each device', async () => {
      for (let count = 0; count < MAX_WAITING_COMMANDS; count++) await issue('a-1');
      expect(await tryIssue('a-1')).toEqual({ kind: 'too_many' });
      expect(await tryIssue('b-1')).toMatchObject({ kind: 'issued' });
      await overTime('expires_at');
      expect(await tryIssue('a-1')).toMatchObject({ kind: 'issued' });
    });

    it('nobody knows is nothing to do', async () => {
      expect(await registry.commands.claim('cmd_nobodys', budget)).toEqual({
        kind: 'done',
        because: 'unknown',
      });
    });

    it('is forgotten when it is old', async () => {
      const old = await issue('a-1');
      await context.run(`update commands set create_time = now() - interval '91 days'`);
      const young = await issue('a-1');
      await registry.commands.forgetBefore(new Date(Date.now() - 90 * 86_400_000));
      expect(await registry.commands.find(all, old)).toBeUndefined();
      expect(await registry.commands.find(all, young)).toBeDefined();
    });
  });
}
