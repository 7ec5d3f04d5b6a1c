import { agriId, factorDefinitionSchema } from '@furrow/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AccessScope, Registry } from '../../src/index.ts';
import { device, factor, fleet } from '../fleets.ts';
import type { SuiteContext } from './context.ts';

export function devicesSuite(context: SuiteContext): void {
  describe('Devices and Factors', () => {
    let registry: Registry;
    let scope: AccessScope;
    let foreign: AccessScope;
    let pk: (key: string) => number;

    beforeEach(async () => {
      registry = context.registry();
      await registry.applyFleet(
        fleet(
          {
            slug: 'mine',
            projects: [
              {
                project_id: 'alpha',
                devices: [device('a-1', { info: '50%_\\', safe_code: 'ABCD' }), device('a-2')],
              },
              { project_id: 'beta', devices: [] },
            ],
          },
          { slug: 'theirs', projects: [{ project_id: 'alpha', devices: [device('t-1')] }] },
        ),
      );
      const rows = await context.run(
        'select slug as key, pk from orgs union all select agri_id, pk from devices union all select agri_id, pk from factors',
      );
      const pks = new Map(rows.map(({ key, pk: value }) => [String(key), Number(value)]));
      pk = (key) => pks.get(key) ?? Number.NaN;
      scope = { orgPk: pk('mine'), projects: null };
      foreign = { orgPk: pk('theirs'), projects: null };
    });

    const wanted = (over: object = {}) => ({
      name: 'n',
      definition: factorDefinitionSchema.parse(factor({ unit: 2, ...over })),
    });

    it.each([
      ['50%_\\', 1],
      ['%', 1],
      ['HW-A', 2],
      ['x', 0],
    ])('finds what holds %j as it is', async (search, count) => {
      expect(await registry.devices.list(scope, { search })).toHaveLength(count);
      expect(await registry.devices.page(scope, { search, page: 1, pageSize: 1 })).toMatchObject({ count });
    });

    it('pages in a stable order, times that are not known last', async () => {
      await context.run(`update devices set connect_time = now() where agri_id = 'a-2'`);
      const page = (number: number, descending: boolean) =>
        registry.devices.page(scope, {
          order: [{ field: 'connectTime', descending }],
          page: number,
          pageSize: 1,
        });
      for (const descending of [true, false]) {
        expect((await page(1, descending)).devices).toMatchObject([{ agriId: 'a-2' }]);
        expect((await page(2, descending)).devices).toMatchObject([{ agriId: 'a-1' }]);
      }
    });

    it('binds a device that is bound to nobody, once, and only for who knows its code', async () => {
      await registry.devices.register({ deviceId: 'new', safeCode: 'WXYZ' });
      const bind = (who: AccessScope, safeCode: string, projectId = 'alpha') =>
        registry.devices.bind(who, { deviceId: 'new', safeCode, projectId });
      expect(await bind(scope, 'wxyz')).toEqual({ kind: 'no_match' });
      expect(await bind(scope, 'WXYZ', 'nowhere')).toEqual({ kind: 'no_project' });
      const both = await Promise.all([bind(scope, 'WXYZ'), bind(foreign, 'WXYZ')]);
      expect(both.map(({ kind }) => kind).sort()).toEqual(['bound', 'bound_elsewhere']);
      await expect(registry.devices.register({ deviceId: 'new', safeCode: null })).rejects.toMatchObject({
        code: 'REGISTRY_CONFLICT',
      });
    });

    it('unbinds and moves within the organization, and never outside the scope', async () => {
      const key = { devicePk: pk('a-1'), projectId: 'alpha' };
      expect(await registry.devices.unbind(foreign, key)).toBeUndefined();
      expect(await registry.devices.move(foreign, key, 'alpha')).toEqual({ kind: 'no_device' });
      expect(await registry.devices.move({ ...scope, projects: ['alpha'] }, key, 'beta')).toEqual({
        kind: 'no_project',
      });
      expect(await registry.devices.move(scope, key, 'beta')).toMatchObject({
        kind: 'moved',
        device: { projectId: 'beta' },
      });
      expect(await registry.devices.unbind(scope, { ...key, projectId: 'beta' })).toMatchObject({
        pk: key.devicePk,
      });
      expect(await registry.devices.details(scope, { devicePk: key.devicePk })).toMatchObject({
        projectId: null,
      });
    });

    it('notes contacts once a minute and device, many in one statement', async () => {
      for (const devicePk of [pk('a-2'), pk('a-1'), pk('a-2')]) registry.contacts.note(devicePk);
      await registry.contacts.flush();
      const times = async () =>
        await context.run('select connect_time from devices order by agri_id limit 2');
      const first = await times();
      expect(first.every(({ connect_time }) => connect_time !== null)).toBe(true);
      registry.contacts.note(pk('a-1'));
      await registry.contacts.flush();
      expect(await times()).toEqual(first);
    });

    it('keeps the newest contact, whatever the order, and none from the future', async () => {
      const time = async () =>
        (await context.run(`select connect_time from devices where agri_id = 'a-1'`))[0]?.['connect_time'];
      const note = async (at: number) => {
        registry.contacts.note(pk('a-1'), at);
        await registry.contacts.flush();
        return new Date(String(await time())).getTime();
      };
      const dayAgo = context.now - 86_400_000;
      expect(await note(dayAgo)).toBe(dayAgo);
      expect(await note(dayAgo - 600_000)).toBe(dayAgo);
      expect(await note(context.now - 120_000)).toBe(context.now - 120_000);
      expect(await note(context.now + 86_400_000)).toBe(context.now);
      expect(registry.contacts.failures).toBe(0);
    });

    it('lets one of two have a position, also when they come together', async () => {
      const outcomes = await Promise.all([
        registry.factors.create(scope, pk('a-1'), wanted()),
        registry.factors.create(scope, pk('a-1'), wanted({ data_factor: 2 })),
      ]);
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['done', 'refused']);
    });

    it('ends the plans of what it changes at once, also those of the devices above', async () => {
      await registry.applyFleet(
        fleet({ slug: 'mine', projects: [{ project_id: 'alpha', devices: [device('a-1-sub')] }] }),
      );
      const plan = async () => (await registry.plans.plansFor([agriId('a-1')])).get(agriId('a-1'));
      expect((await plan())?.plan.find(agriId('a-1-2-00'))).toBeUndefined();
      await registry.factors.create(scope, pk('a-1'), wanted());
      expect((await plan())?.plan.find(agriId('a-1-2-00'))).toBeDefined();
      const [sub] = await registry.devices.list(scope, { search: 'a-1-sub' });
      await registry.devices.update(scope, { devicePk: sub?.pk ?? 0 }, { allow: false });
      expect((await plan())?.subDevices[0]?.device.allow).toBe(false);
      await registry.devices.unbind(scope, { devicePk: pk('a-1') });
      expect((await plan())?.device.projectId).toBeNull();
    });

    it('imports all rows or none', async () => {
      const rows = [wanted(), wanted({ unit: 1, data_factor: 9 })];
      expect(await registry.factors.import(scope, pk('a-1'), rows, { clearExisting: false })).toMatchObject({
        kind: 'refused',
        problems: [{ index: 1, problem: { kind: 'position_taken' } }],
      });
      expect(await registry.factors.list(pk('a-1'))).toHaveLength(1);
      expect(await registry.factors.import(scope, pk('a-1'), rows, { clearExisting: true })).toMatchObject({
        kind: 'imported',
        deleted: 1,
        rows: [{ kind: 'created' }, { kind: 'created' }],
      });
      expect(await registry.factors.import(foreign, pk('a-1'), rows, { clearExisting: true })).toEqual({
        kind: 'missing',
      });
    });

    it('counts a copy past positions and labels that are taken, and changes and removes within the scope only', async () => {
      const key = { devicePk: pk('a-1'), factorPk: pk('a-1-1-00') };
      expect(await registry.factors.copy(scope, key)).toMatchObject({
        factor: { data_index: 1, name: 'temp_copy' },
      });
      expect(await registry.factors.copy(scope, key)).toMatchObject({ factor: { data_index: 2 } });
      expect(await registry.factors.copy(foreign, key)).toEqual({ kind: 'missing' });
      expect(await registry.factors.update(scope, key, () => undefined)).toEqual({ kind: 'declined' });
      expect(await registry.factors.update(foreign, key, () => wanted())).toEqual({ kind: 'missing' });
      expect(await registry.factors.remove(foreign, key)).toBeUndefined();
      expect(await registry.factors.remove(scope, key)).toMatchObject({ pk: key.devicePk });
    });

    it('has built-in modules whose factors are right', async () => {
      const modules = await registry.modules.list();
      expect(modules.map(({ factors }) => factors.length)).toEqual([2, 7, 5, 5, 4]);
      expect(await registry.modules.find(3)).toEqual(modules[2]);
      expect(await registry.modules.find(99)).toBeUndefined();
    });
  });
}
