import { describe, expect, it } from 'vitest';
import { type Fleet, fleetSchema, RegistryConflictError, type SeedReport } from '../../src/index.ts';
import { device, factor, fleet, org } from '../fleets.ts';
import type { SuiteContext } from './context.ts';

const none = { created: 0, updated: 0, unchanged: 0 };

/** The counts of a report that are not all zero. */
function changes({ newTokens: _, ...kinds }: SeedReport) {
  return Object.fromEntries(
    Object.entries(kinds).filter(([, counts]) => counts.created + counts.updated > 0),
  );
}

export function applyFleetSuite(context: SuiteContext): void {
  const apply = (wanted: Fleet) => context.registry().applyFleet(wanted);
  const problemsOf = async (wanted: Fleet) => {
    const error: unknown = await apply(wanted).catch((reason: unknown) => reason);
    if (!(error instanceof RegistryConflictError)) throw new Error(`not refused: ${String(error)}`);
    return error.problems;
  };
  const count = async (table: string) =>
    (await context.run(`select count(*)::int as n from ${table}`))[0]?.['n'];

  describe('applyFleet', () => {
    it('creates everything, counts it, and shows new tokens once', async () => {
      const wanted = fleet(
        org('yanji-lab', [device('d-1'), device('d-2', { factors: [factor(), factor({ address: 1 })] })], {
          tokens: [{ name: 'dashboards', role: 'reader' }],
        }),
        org('other', []),
      );
      const report = await apply(wanted);
      expect(report).toMatchObject({
        orgs: { ...none, created: 2 },
        projects: { ...none, created: 2 },
        devices: { ...none, created: 2 },
        factors: { ...none, created: 3 },
        tokens: { ...none, created: 1 },
      });
      expect(report.newTokens).toEqual([
        { orgId: 'yanji-lab', name: 'dashboards', text: expect.stringMatching(/^fur_[\w-]{43}$/) },
      ]);
      expect(JSON.stringify(await context.run('select * from tokens'))).not.toContain(
        report.newTokens[0]?.text,
      );
    });

    it('changes nothing the second time', async () => {
      const wanted = fleet(
        org(
          'yanji-lab',
          [device('d-1', { safe_code: '8K2P', factors: [factor({ data_factor: 0.1, name: 'North' })] })],
          {
            tokens: [
              {
                name: 'a',
                role: 'reader',
                projects: ['greenhouse-alpha'],
                expires_at: '2030-01-01T00:00:00+08:00',
              },
              { name: 'b', role: 'manager', token: 'a-literal-dev-token' },
            ],
          },
        ),
      );
      await apply(wanted);
      const before = await context.run('select * from devices');
      const report = await apply(wanted);
      expect(changes(report)).toEqual({});
      expect(report.newTokens).toEqual([]);
      expect(report).toMatchObject({
        tokens: { unchanged: 2 },
        factors: { unchanged: 1 },
        devices: { unchanged: 1 },
      });
      expect(await context.run('select * from devices')).toEqual(before);
    });

    it('updates what is stated and keeps what is not', async () => {
      await apply(
        fleet(org('yanji-lab', [device('d-1', { info: 'old', device_name: 'Node', allow: false })])),
      );
      const report = await apply(
        fleet({
          slug: 'yanji-lab',
          name: 'Yanji Lab',
          projects: [
            {
              project_id: 'greenhouse-beta',
              devices: [
                device('d-1', {
                  info: 'new',
                  factors: [factor({ data_delta: -5.5 }), factor({ address: 7 })],
                }),
              ],
            },
          ],
        }),
      );
      expect(changes(report)).toEqual({
        orgs: { ...none, updated: 1 },
        projects: { ...none, created: 1 },
        devices: { ...none, updated: 1 },
        factors: { ...none, created: 1, updated: 1 },
      });
      const rows = await context.run(
        'select d.info, d.device_name, d.allow, p.project_id from devices d join projects p on p.pk = d.project_pk',
      );
      expect(rows).toEqual([
        { info: 'new', device_name: 'Node', allow: false, project_id: 'greenhouse-beta' },
      ]);
    });

    it('keeps every number of a definition to its last digit', async () => {
      const numbers = [0.1, -40.000001, 1e-12, 1 / 3, 999999999999, 5e-7];
      await apply(
        fleet(
          org('yanji-lab', [
            device('d-1', {
              factors: numbers.map((n, address) => factor({ address, data_factor: n, data_delta: -n })),
            }),
          ]),
        ),
      );
      const rows = await context.run('select data_factor, data_delta from factors order by address');
      expect(rows).toEqual(numbers.map((n) => ({ data_factor: n, data_delta: -n })));
    });

    it('makes the agri_id of a device that comes without one, and keeps it', async () => {
      const wanted = fleet(
        org(
          'yanji-lab',
          [1, 2, 3].map((n) => ({ device_id: `hw-${n}` })),
        ),
      );
      await apply(wanted);
      const first = await context.run('select agri_id from devices order by pk');
      await apply(wanted);
      expect(await context.run('select agri_id from devices order by pk')).toEqual(first);
      expect(first.map(({ agri_id }) => String(agri_id).slice(0, 7))).toEqual([
        'd-1000-',
        'd-1001-',
        'd-1002-',
      ]);
      for (const { agri_id } of first) expect(agri_id).toMatch(/^d-\d+-[a-z0-9]{4}$/);
    });

    it('draws another number when the next one is taken', async () => {
      await apply(fleet(org('yanji-lab', [device('d-1000')])));
      await apply(fleet(org('yanji-lab', [{ device_id: 'new' }])));
      expect(await context.run(`select agri_id from devices where device_id = 'new'`)).toEqual([
        { agri_id: expect.stringMatching(/^d-1001-/) },
      ]);
    });

    it('labels factors as the platform does, unless the file says otherwise', async () => {
      await apply(
        fleet(
          org('yanji-lab', [
            device('d-1', {
              factors: [factor({ data_index: 0 }), factor({ address: 1, agri_id: 'd-1-01' })],
            }),
          ]),
        ),
      );
      expect(await context.run('select agri_id from factors order by pk')).toEqual([
        { agri_id: 'd-1-1-00' },
        { agri_id: 'd-1-01' },
      ]);
    });

    it('refuses a label that another factor has, naming both', async () => {
      await apply(
        fleet(org('yanji-lab', [device('d-1', { factors: [factor({ address: 1, data_index: 11 })] })])),
      );
      const clash = fleet(
        org('yanji-lab', [device('d-1', { factors: [factor({ address: 11, data_index: 1 })] })]),
      );
      const [problem, ...rest] = await problemsOf(clash);
      expect(rest).toEqual([]);
      expect(problem).toContain('unit 1 holding address 11 index 1 of device hw-d-1');
      expect(problem).toContain('d-1-1-111');
      expect(problem).toContain('unit 1 holding address 1 index 11 of device hw-d-1 has it');
    });

    it('refuses a label that two devices of the fleet want, also without parseFleet', async () => {
      const devices = [device('d-1', { factors: [factor({ agri_id: 'd-1-x-1-00' })] }), device('d-1-x')];
      const problems = await problemsOf(fleetSchema.parse({ orgs: [org('yanji-lab', devices)] }));
      expect(problems).toEqual([
        expect.stringContaining('device hw-d-1-x cannot have the agri_id d-1-x-1-00'),
      ]);
    });

    it('refuses a label that does not belong to its device', async () => {
      const foreign = fleet(org('yanji-lab', [device('d-1', { factors: [factor({ agri_id: 'd-10-01' })] })]));
      expect(await problemsOf(foreign)).toEqual([
        expect.stringContaining("does not begin with the device's, d-1-"),
      ]);
    });

    it('refuses to change an agri_id or to take a device from another organization, all at once', async () => {
      await apply(fleet(org('yanji-lab', [device('d-1'), device('d-2')])));
      const problems = await problemsOf(
        fleet(
          org('yanji-lab', [{ device_id: 'hw-d-1', agri_id: 'd-9' }]),
          org('other', [{ device_id: 'hw-d-2', agri_id: 'd-2' }]),
        ),
      );
      expect(problems).toEqual([
        'device hw-d-1 has the agri_id d-1, which cannot become d-9',
        'device hw-d-2 belongs to another organization',
      ]);
    });

    it('refuses a token for a project that the organization does not have', async () => {
      const wanted = fleet(
        org('yanji-lab', [], { tokens: [{ name: 'a', role: 'reader', projects: ['elsewhere'] }] }),
      );
      expect(await problemsOf(wanted)).toEqual([
        'token a of yanji-lab opens project elsewhere, which yanji-lab does not have',
      ]);
    });

    it('applies all or nothing', async () => {
      const wanted = fleet(
        org('yanji-lab', [device('d-1'), device('d-2', { factors: [factor({ agri_id: 'elsewhere-01' })] })]),
      );
      await expect(apply(wanted)).rejects.toThrow(RegistryConflictError);
      expect(await count('orgs')).toBe(0);
      expect(await count('devices')).toBe(0);
    });

    it('lets two that seed at once both succeed', async () => {
      const wanted = fleet(org('yanji-lab', [device('d-1')]));
      const reports = await Promise.all([apply(wanted), apply(wanted)]);
      expect(reports.map((report) => report.devices.created).sort()).toEqual([0, 1]);
    });

    it('seeds a fleet of several statements, and finds it unchanged', async () => {
      const devices = Array.from({ length: 600 }, (_, n) => ({
        device_id: `hw-${n}`,
        factors: Array.from({ length: 10 }, (__, address) => factor({ address })),
      }));
      const wanted = fleet(org('yanji-lab', devices));
      expect(await apply(wanted)).toMatchObject({ devices: { created: 600 }, factors: { created: 6000 } });
      expect(changes(await apply(wanted))).toEqual({});
    });
  });
}
