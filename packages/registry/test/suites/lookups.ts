import { agriId } from '@furrow/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AccessScope, Registry } from '../../src/index.ts';
import { device, fleet } from '../fleets.ts';
import type { SuiteContext } from './context.ts';

export function lookupsSuite(context: SuiteContext): void {
  describe('lookups', () => {
    let registry: Registry;
    let all: AccessScope;
    let alpha: AccessScope;
    let foreign: AccessScope;
    let pks: Record<string, number>;

    beforeEach(async () => {
      registry = context.registry();
      await registry.applyFleet(
        fleet(
          {
            slug: 'mine',
            projects: [
              { project_id: 'alpha', name: 'Alpha', devices: [device('a-1')] },
              { project_id: 'beta', devices: [device('b-1'), device('free-1')] },
            ],
          },
          { slug: 'theirs', projects: [{ project_id: 'alpha', devices: [device('t-1')] }] },
        ),
      );
      await context.run(`update devices set project_pk = null where agri_id = 'free-1'`);
      const rows = await context.run(
        `select slug as key, pk from orgs union all select agri_id, pk from devices union all select agri_id, pk from factors`,
      );
      pks = Object.fromEntries(rows.map(({ key, pk }) => [String(key), Number(pk)]));
      all = { orgPk: pks['mine'] ?? 0, projects: null };
      alpha = { ...all, projects: ['alpha'] };
      foreign = { orgPk: pks['theirs'] ?? 0, projects: null };
    });

    const pk = (key: string) => pks[key] ?? Number.NaN;

    it('finds a project of the scope', async () => {
      expect(await registry.findProject(alpha, 'alpha')).toMatchObject({
        projectId: 'alpha',
        name: 'Alpha',
        orgPk: all.orgPk,
      });
      expect(await registry.findProject(all, 'beta')).toMatchObject({ projectId: 'beta' });
      expect(await registry.findProject(alpha, 'beta')).toBeUndefined();
      expect(await registry.findProject(foreign, 'beta')).toBeUndefined();
      expect(await registry.findProject({ ...all, projects: [] }, 'alpha')).toBeUndefined();
    });

    it('finds a device by its key, and in its project only when one is named', async () => {
      expect(await registry.findDevice(all, { devicePk: pk('a-1') })).toMatchObject({
        agriId: 'a-1',
        projectName: 'Alpha',
      });
      expect(await registry.findDevice(all, { devicePk: pk('a-1'), projectId: 'alpha' })).toMatchObject({
        agriId: 'a-1',
      });
      expect(await registry.findDevice(all, { devicePk: pk('a-1'), projectId: 'beta' })).toBeUndefined();
      expect(await registry.findDevice(all, { devicePk: 999_999 })).toBeUndefined();
    });

    it('shows a device without a project to the whole organization only', async () => {
      expect(await registry.findDevice(all, { devicePk: pk('free-1') })).toMatchObject({
        projectId: null,
        projectName: null,
      });
      expect(await registry.findDevice(alpha, { devicePk: pk('free-1') })).toBeUndefined();
    });

    it('finds a factor by its keys and by its label', async () => {
      const factorPk = pk('a-1-1-00');
      const byKeys = await registry.findFactor(alpha, { devicePk: pk('a-1'), factorPk });
      expect(byKeys).toMatchObject({
        factor: {
          pk: factorPk,
          devicePk: pk('a-1'),
          agri_id: 'a-1-1-00',
          data_type: 'int16',
          data_endian: 'ABCD',
        },
        device: { agriId: 'a-1', projectId: 'alpha' },
      });
      expect(await registry.findFactorByAgriId(alpha, agriId('a-1-1-00'))).toEqual(byKeys);
      expect(await registry.findFactor(alpha, { devicePk: pk('b-1'), factorPk })).toBeUndefined();
    });

    it('shows nothing outside the scope', async () => {
      for (const scope of [alpha, foreign]) {
        expect(await registry.findDevice(scope, { devicePk: pk('b-1') })).toBeUndefined();
        expect(
          await registry.findFactor(scope, { devicePk: pk('b-1'), factorPk: pk('b-1-1-00') }),
        ).toBeUndefined();
        expect(await registry.findFactorByAgriId(scope, agriId('b-1-1-00'))).toBeUndefined();
      }
    });

    it.each([0, -1, 1.5, 2 ** 31, Number.NaN])('calls the key %d nobody, not an error', async (devicePk) => {
      expect(await registry.findDevice(all, { devicePk })).toBeUndefined();
      expect(await registry.findFactor(all, { devicePk: 1, factorPk: devicePk })).toBeUndefined();
    });

    it('takes names as values, whatever they contain', async () => {
      expect(await registry.findProject(all, `alpha' or '1'='1`)).toBeUndefined();
      expect(await registry.findProject({ ...all, projects: [`{alpha,"beta}`] }, 'alpha')).toBeUndefined();
    });
  });
}
