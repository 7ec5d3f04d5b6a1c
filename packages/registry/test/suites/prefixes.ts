import { describe, expect, it } from 'vitest';
import { RegistryConflictError } from '../../src/index.ts';
import { device, fleet, org } from '../fleets.ts';
import type { SuiteContext } from './context.ts';

export function prefixesSuite(context: SuiteContext): void {
  describe('agri_ids of different organizations', () => {
    it.each([
      ['d-1000-abcd', 'd-1000-abcd-01', 'above'],
      ['d-1000-abcd-01-x', 'd-1000-abcd', 'under'],
      ['a', 'a-b-c-d', 'above'],
      ['a-b.c-d', 'a-b.c', 'under'],
    ])('may not be %s and %s', async (mine, theirs, place) => {
      const registry = context.registry();
      await registry.applyFleet(fleet(org('theirs', [device(theirs)])));
      const error: unknown = await registry
        .applyFleet(fleet(org('mine', [device(mine)])))
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(RegistryConflictError);
      expect(String(error)).toContain(`the agri_id ${mine} lies ${place} one of another organization`);
      expect(String(error)).toContain(`device hw-${theirs} has ${theirs}`);
    });

    it.each([
      ['d-1000-abcd', 'd-1000-abcde'],
      ['d-1000-abcd', 'd-1000-abcd.1'],
      ['d-1000-a_cd', 'd-1000-abcd-01'],
      ['d-1000-abcd', 'd-1000'.concat('_abcd')],
    ])('may be %s and %s', async (mine, theirs) => {
      const registry = context.registry();
      await registry.applyFleet(fleet(org('theirs', [device(theirs)])));
      const report = await registry.applyFleet(fleet(org('mine', [device(mine)])));
      expect(report.devices.created).toBe(1);
    });

    it('are compared within one file too', async () => {
      const wanted = fleet(org('one', [device('d-1')]), org('two', [device('d-1-2')]));
      await expect(context.registry().applyFleet(wanted)).rejects.toThrow(RegistryConflictError);
    });

    it('may not come to lie so by moving a device', async () => {
      await context
        .registry()
        .applyFleet(fleet(org('one', [device('d-1'), device('d-1-2')]), org('two', [])));
      const move = `update devices set project_pk = null, org_pk = (select pk from orgs where slug = 'two')
        where agri_id = 'd-1-2'`;
      await expect(context.run(move)).rejects.toThrow();
      await context.run(`update devices set project_pk = null, org_pk = null where agri_id = 'd-1-2'`);
      expect(await context.run(`select agri_id from devices where org_pk is null`)).toEqual([
        { agri_id: 'd-1-2' },
      ]);
    });

    it('within one organization may lie under each other', async () => {
      const report = await context.registry().applyFleet(fleet(org('one', [device('d-1'), device('d-1-2')])));
      expect(report.devices.created).toBe(2);
    });
  });
}
