import { agriId } from '@furrow/contracts';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { DatabasePlanLoader } from '../../src/plans/database-plan-loader.ts';
import { device, factor, fleet, org } from '../fleets.ts';
import type { SuiteContext } from './context.ts';

/** Past the time for which a plan is used without asking. */
const STALE_MS = 2_001;

export function plansSuite(context: SuiteContext): void {
  describe('PlanCache on the database', () => {
    it('gives the device, its compiled factors, and its sub-devices longest first', async () => {
      const registry = context.registry();
      await registry.applyFleet(
        fleet(
          org('yanji-lab', [
            device('d-1', {
              scaled: true,
              factors: [factor({ data_factor: 0.1 }), factor({ address: 1, enabled: false })],
            }),
            device('d-1-7'),
            device('d-1-7-8'),
            device('d-10'),
          ]),
        ),
      );
      const plans = await registry.plans.plansFor([agriId('d-1'), agriId('d-9')]);
      expect([...plans.keys()]).toEqual(['d-1']);
      const plan = plans.get(agriId('d-1'));
      expect(plan?.device).toMatchObject({
        agriId: 'd-1',
        deviceId: 'hw-d-1',
        orgId: 'yanji-lab',
        projectId: 'greenhouse-alpha',
        allow: true,
        scaled: true,
      });
      expect(plan?.plan.problems).toEqual([]);
      expect(plan?.plan.find('d-1-1-00')?.factor).toMatchObject({ data_factor: 0.1, enabled: true });
      expect(plan?.plan.find('d-1-1-10')?.factor.enabled).toBe(false);
      expect(plan?.subDevices.map((sub) => sub.device.agriId)).toEqual(['d-1-7-8', 'd-1-7']);
      expect(plan?.subDevices[1]?.plan.find('d-1-7-1-00')).toBeDefined();
    });

    it('gives every number of a factor to its last digit', async () => {
      const numbers = [0.1, -40.000001, 1e-12, 1 / 3, 999999999999, 5e-7, 0.1 + 0.2];
      const factors = numbers.map((n, address) => factor({ address, data_factor: n, data_delta: -n }));
      const registry = context.registry();
      await registry.applyFleet(fleet(org('yanji-lab', [device('d-1', { factors })])));
      const plan = (await registry.plans.plansFor([agriId('d-1')])).get(agriId('d-1'))?.plan;
      const found = numbers.map((_, address) => plan?.find(`d-1-1-${address}0`)?.factor);
      expect(found.map((one) => [one?.data_factor, one?.data_delta])).toEqual(numbers.map((n) => [n, -n]));
    });

    it('gives the optional parts of a definition, and tells the bits of one register apart', async () => {
      const bit = (n: number) => factor({ data_type: 'bit', bit: n, agri_id: `d-1-bit${n}` });
      const options = {
        labels: { '0': 'shut', '1': 'open' },
        min: -40,
        decimals: 1,
        sentinels: [32767, '-1'],
      };
      const registry = context.registry();
      const wanted = fleet(
        org('yanji-lab', [device('d-1', { factors: [bit(0), bit(15), factor({ address: 1, ...options })] })]),
      );
      await registry.applyFleet(wanted);
      expect((await registry.applyFleet(wanted)).factors).toEqual({ created: 0, updated: 0, unchanged: 3 });
      const plan = (await registry.plans.plansFor([agriId('d-1')])).get(agriId('d-1'))?.plan;
      expect(plan?.find('d-1-bit15')?.factor).toMatchObject({ data_type: 'bit', bit: 15 });
      expect(plan?.find('d-1-1-10')?.factor).toMatchObject(options);
      expect(plan?.find('d-1-bit0')?.factor).not.toHaveProperty('labels');
    });

    it('notices a changed factor of the device or of a sub-device, and nothing else', async () => {
      const registry = context.registry();
      await registry.applyFleet(fleet(org('yanji-lab', [device('d-1'), device('d-1-7'), device('d-2')])));
      const ids = [agriId('d-1'), agriId('d-2')];
      const before = await registry.plans.plansFor(ids);
      await context.run(`update factors set data_factor = 0.5 where agri_id = 'd-1-7-1-00'`);
      expect(await registry.plans.plansFor(ids)).toEqual(before);
      context.now += STALE_MS;
      const after = await registry.plans.plansFor(ids);
      expect(after.get(agriId('d-1'))?.subDevices[0]?.plan.find('d-1-7-1-00')?.factor.data_factor).toBe(0.5);
      expect(after.get(agriId('d-2'))).toBe(before.get(agriId('d-2')));
      expect(registry.plans.status).toMatchObject({ loaded: 3, unchanged: 1 });
    });

    it.each([
      [
        'a sub-device is added',
        `insert into devices (org_pk, device_id, agri_id) select org_pk, 'new', 'd-1-9' from devices limit 1`,
      ],
      ['a sub-device is removed', `delete from devices where agri_id = 'd-1-7'`],
      ['the project is renamed', `update projects set project_id = 'other'`],
      ['the organization is renamed', `update orgs set slug = 'other'`],
      ['the device is blocked', `update devices set allow = false where agri_id = 'd-1'`],
      ['the device leaves its project', `update devices set project_pk = null where agri_id = 'd-1'`],
    ])('notices that %s', async (_, statement) => {
      const registry = context.registry();
      await registry.applyFleet(fleet(org('yanji-lab', [device('d-1'), device('d-1-7')])));
      const ask = async () => {
        const plan = (await registry.plans.plansFor([agriId('d-1')])).get(agriId('d-1'));
        return {
          device: { ...plan?.device, version: 0 },
          subs: plan?.subDevices.map((sub) => sub.device.agriId),
        };
      };
      const before = await ask();
      await context.run(statement);
      context.now += STALE_MS;
      expect(await ask()).not.toEqual(before);
    });

    it('forgets a device that is deleted or leaves its organization, and finds one that comes', async () => {
      const registry = context.registry();
      const ids = [agriId('d-1'), agriId('d-2')];
      await registry.applyFleet(fleet(org('yanji-lab', [device('d-1'), device('d-2')])));
      expect((await registry.plans.plansFor(ids)).size).toBe(2);
      await context.run(`delete from devices where agri_id = 'd-1'`);
      await context.run(`update devices set org_pk = null, project_pk = null where agri_id = 'd-2'`);
      context.now += STALE_MS;
      expect((await registry.plans.plansFor(ids)).size).toBe(0);
      await registry.applyFleet(fleet(org('yanji-lab', [device('d-1')])));
      expect((await registry.plans.plansFor(ids)).size).toBe(0);
      context.now += STALE_MS;
      expect((await registry.plans.plansFor(ids)).size).toBe(1);
    });

    it('finds the owner of an item by its longest prefix of segments', async () => {
      const registry = context.registry();
      await registry.applyFleet(
        fleet(
          org('yanji-lab', [
            device('d-1000-abcd'),
            device('d-1000-abcd-7'),
            device('d-1000-abcde'),
            device('d_1'),
          ]),
        ),
      );
      const wanted = {
        'd-1000-abcd-1-000': 'd-1000-abcd',
        'd-1000-abcd': 'd-1000-abcd',
        'd-1000-abcd-7-1-00': 'd-1000-abcd-7',
        'd-1000-abcde-1-00': 'd-1000-abcde',
        'd_1-1-00': 'd_1',
        'dx1-1-00': undefined,
        'd-1000-abc-1-00': undefined,
      };
      const items = Object.keys(wanted).map((id) => agriId(id));
      for (const _ of ['from the database', 'from memory']) {
        const owners = await registry.plans.ownersOf(items);
        const found = Object.fromEntries(items.map((item) => [item, owners.get(item)?.device.agriId]));
        expect(found).toEqual(wanted);
      }
    });

    it('gives an item to its parent when the closer owner is deleted', async () => {
      const registry = context.registry();
      const item = agriId('d-1-7-1-00');
      await registry.applyFleet(fleet(org('yanji-lab', [device('d-1'), device('d-1-7')])));
      expect((await registry.plans.ownersOf([item])).get(item)?.device.agriId).toBe('d-1-7');
      await context.run(`delete from devices where agri_id = 'd-1-7'`);
      context.now += STALE_MS;
      expect((await registry.plans.ownersOf([item])).get(item)?.device.agriId).toBe('d-1');
    });

    it('loads many devices in a few statements', async () => {
      const devices = Array.from({ length: 300 }, (_, n) => device(`d-${n}`));
      const registry = context.registry();
      await registry.applyFleet(fleet(org('yanji-lab', devices)));
      const loader = new DatabasePlanLoader(context.engine.db);
      const ids = devices.map(({ agri_id }) => agriId(agri_id ?? ''));
      expect((await loader.families(ids)).size).toBe(300);
      expect((await loader.fingerprints(ids)).size).toBe(300);
      expect((await loader.registeredAmong([...ids, agriId('nobody')])).size).toBe(300);
    });

    it('looks prefixes up in the index', async () => {
      const devices = Array.from({ length: 3_000 }, (_, n) => device(`d-${n}`, { factors: [] }));
      await context.registry().applyFleet(fleet(org('yanji-lab', devices)));
      const rows = (await context.engine.db.execute(sql`
        explain select m.agri_id from devices root join devices m
          on m.org_pk = root.org_pk and m.agri_id >= root.agri_id and m.agri_id < root.agri_id || '.'
        where root.agri_id = any(${sql.param(['d-5', 'd-6'])}::text[])`)) as unknown as { rows: object[] };
      const plan = JSON.stringify(rows.rows);
      expect(plan).toMatch(/Index Cond: .*agri_id >= root.agri_id/);
      expect(plan).not.toContain('Seq Scan');
    });
  });
}
