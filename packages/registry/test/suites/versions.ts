import { describe, expect, it } from 'vitest';
import { device, factor, fleet, org } from '../fleets.ts';
import type { SuiteContext } from './context.ts';

export function versionsSuite(context: SuiteContext): void {
  describe('devices.version', () => {
    const versions = async () => {
      const rows = await context.run('select agri_id, version from devices order by agri_id');
      return Object.fromEntries(rows.map(({ agri_id, version }) => [agri_id, Number(version)]));
    };

    it.each([
      ['a column of the device', `update devices set allow = false where agri_id = 'd-1'`],
      [
        'a new factor',
        `insert into factors (device_pk, agri_id, unit, modbus_type, address, data_index, data_type, data_endian,
          data_factor, data_delta, the_type)
        select pk, 'd-1-9', 9, 'holding', 0, 0, 'int16', 'ABCD', 1, 0, 'temp' from devices where agri_id = 'd-1'`,
      ],
      ['a changed factor', `update factors set enabled = false where agri_id = 'd-1-1-00'`],
      ['a removed factor', `delete from factors where agri_id = 'd-1-1-00'`],
    ])('grows with %s, and that of no other device', async (_, statement) => {
      await context.registry().applyFleet(fleet(org('one', [device('d-1'), device('d-2')])));
      const before = await versions();
      await context.run(statement);
      const after = await versions();
      expect(after['d-1']).toBeGreaterThan(before['d-1'] ?? Number.NaN);
      expect(after['d-2']).toBe(before['d-2']);
    });

    it('grows for both devices when a factor moves from one to the other', async () => {
      await context.registry().applyFleet(fleet(org('one', [device('d-1'), device('d-2', { factors: [] })])));
      const before = await versions();
      await context.run(`update factors set device_pk = (select pk from devices where agri_id = 'd-2')`);
      const after = await versions();
      expect(after['d-1']).toBeGreaterThan(before['d-1'] ?? Number.NaN);
      expect(after['d-2']).toBeGreaterThan(before['d-2'] ?? Number.NaN);
    });

    it.each([
      ['being heard of', `update devices set connect_time = now()`],
      ['an update that changes nothing', `update devices set info = info`],
    ])('does not grow with %s', async (_, statement) => {
      await context.registry().applyFleet(fleet(org('one', [device('d-1', { factors: [factor()] })])));
      const before = await versions();
      await context.run(statement);
      expect(await versions()).toEqual(before);
    });
  });
}
