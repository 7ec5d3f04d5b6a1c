import { describe, expect, it } from 'vitest';
import { FleetError, parseFleet } from '../src/index.ts';
import { device, factor } from './fleets.ts';

const issuesOf = (json: unknown): string[] => {
  try {
    parseFleet(json);
  } catch (error) {
    if (error instanceof FleetError)
      return error.issues.map(({ path, rule, received }) => `${path}: ${rule} (${received})`);
    throw error;
  }
  return [];
};

const inProject = (...devices: unknown[]) => ({
  orgs: [{ slug: 'a', projects: [{ project_id: 'p', devices }] }],
});
const at = 'orgs[0].projects[0]';

describe('parseFleet', () => {
  it('normalises factors and leaves out what is not stated', () => {
    const fleet = parseFleet(
      inProject(
        device('d-1', {
          factors: [
            { ...factor(), modbus_type: 'HOLDING_REGISTER', data_type: 'FLOAT', data_endian: 'little' },
          ],
        }),
      ),
    );
    expect(fleet.orgs[0]?.projects[0]?.devices[0]).toEqual({
      device_id: 'hw-d-1',
      agri_id: 'd-1',
      factors: [
        expect.objectContaining({
          modbus_type: 'holding',
          data_type: 'float32',
          data_endian: 'DCBA',
          data_factor: 1,
          enabled: true,
        }),
      ],
    });
  });

  it('accepts an empty fleet', () => {
    expect(parseFleet({ orgs: [] })).toEqual({ orgs: [] });
  });

  it.each([
    ['no object', [], ': Invalid input: expected object, received array (an array of 0)'],
    ['an unknown key', { orgs: [], devces: [] }, 'devces: no such key; is it misspelt? (an array of 0)'],
    [
      'a number as device_id',
      inProject({ device_id: 868686000123456 }),
      `${at}.devices[0].device_id: device_id is text (868686000123456)`,
    ],
    [
      'a safe code of five',
      inProject({ device_id: 'x', safe_code: '12345' }),
      `${at}.devices[0].safe_code: safe_code has four letters or digits ("12345")`,
    ],
    [
      'an unknown key of a factor',
      inProject(device('d-1', { factors: [{ ...factor(), unti: 1 } as never] })),
      `${at}.devices[0].factors[0].unti: no such key; is it misspelt? (1)`,
    ],
    [
      'a factor beyond one read',
      inProject(device('d-1', { factors: [factor({ data_index: 125 })] })),
      `${at}.devices[0].factors[0].data_index: data_index and the width of the value stay within one read of 125 registers (125)`,
    ],
    [
      'an unknown role',
      { orgs: [{ slug: 'a', tokens: [{ name: 'n', role: 'owner' }] }] },
      'orgs[0].tokens[0].role: role is reader or manager ("owner")',
    ],
    [
      'a time without its offset',
      { orgs: [{ slug: 'a', tokens: [{ name: 'n', role: 'reader', expires_at: '2030-01-01T00:00:00' }] }] },
      'orgs[0].tokens[0].expires_at: expires_at is RFC 3339 text with its offset ("2030-01-01T00:00:00")',
    ],
    [
      'a short token, without showing it',
      { orgs: [{ slug: 'a', tokens: [{ name: 'n', role: 'reader', token: 'hunter2' }] }] },
      'orgs[0].tokens[0].token: token has at least 16 characters (a secret)',
    ],
  ])('names path, rule and value of %s', (_, json, issue) => {
    expect(issuesOf(json)).toEqual([issue]);
  });

  it.each([
    [
      'an organization',
      { orgs: [{ slug: 'a' }, { slug: 'a' }] },
      'orgs[1].slug: the same is at orgs[0].slug ("a")',
    ],
    [
      'a project of an organization',
      { orgs: [{ slug: 'a', projects: [{ project_id: 'p' }, { project_id: 'p' }] }] },
      'orgs[0].projects[1].project_id: the same is at orgs[0].projects[0].project_id ("p")',
    ],
    [
      'a token name',
      {
        orgs: [
          {
            slug: 'a',
            tokens: [
              { name: 'n', role: 'reader' },
              { name: 'n', role: 'reader' },
            ],
          },
        ],
      },
      'orgs[0].tokens[1].name: the same is at orgs[0].tokens[0].name ("n")',
    ],
    [
      'a device',
      inProject({ device_id: 'x' }, { device_id: 'x' }),
      `${at}.devices[1].device_id: the same is at ${at}.devices[0].device_id ("x")`,
    ],
    [
      'an agri_id',
      inProject({ device_id: 'x', agri_id: 'd' }, { device_id: 'y', agri_id: 'd' }),
      `${at}.devices[1].agri_id: the same is at ${at}.devices[0].agri_id ("d")`,
    ],
    [
      'a position, in whatever spelling',
      inProject(
        device('d-1', { factors: [factor(), factor({ modbus_type: 'Holding_Register', data_index: 0 })] }),
      ),
      `${at}.devices[0].factors[1]: the same is at ${at}.devices[0].factors[0] ("holding 1 0 0 -1")`,
    ],
    [
      'a label that the platform gives',
      inProject({
        device_id: 'x',
        factors: [factor({ address: 1, data_index: 11 }), factor({ address: 11, data_index: 1 })],
      }),
      `${at}.devices[0].factors[1]: the same is at ${at}.devices[0].factors[0] ("${at}.devices[0]-1-111")`,
    ],
  ])('refuses %s twice, naming both places', (_, json, issue) => {
    expect(issuesOf(json)).toEqual([issue]);
  });

  it('allows the same project name in two organizations', () => {
    const orgs = ['a', 'b'].map((slug) => ({ slug, projects: [{ project_id: 'p' }] }));
    expect(issuesOf({ orgs })).toEqual([]);
  });

  it('lists all problems at once, also duplicates beside broken rules', () => {
    const json = {
      orgs: [
        {
          slug: 'a',
          extra: 1,
          projects: [{ project_id: 'p', devices: [{ device_id: 'x', allow: 'no' }, { device_id: 'x' }] }],
        },
      ],
    };
    expect(
      issuesOf(json)
        .map((issue) => issue.split(':')[0])
        .sort(),
    ).toEqual(['orgs[0].extra', `${at}.devices[0].allow`, `${at}.devices[1].device_id`]);
  });

  it('shows twenty problems in the message and counts the rest', () => {
    const json = { orgs: Array.from({ length: 25 }, () => ({ slug: '' })) };
    expect(() => parseFleet(json)).toThrow(/… and \d+ more/);
  });
});
