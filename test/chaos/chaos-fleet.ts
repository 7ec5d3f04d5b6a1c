import { type AgriId, agriId } from '@furrow/contracts';
import type { FleetInput } from '@furrow/registry';

/** A factor of every device: its registers, and what the counter `n` of a reading becomes in it. */
export interface ChaosFactor {
  readonly the_type: string;
  readonly data_index: number;
  readonly data_type: 'int32' | 'uint32' | 'float';
  readonly data_endian: 'ABCD' | 'CDAB' | 'DCBA';
  readonly data_factor: number;
  readonly data_delta: number;
  /** The value of raw `n`, by a formula whose double is the nearest one: division of whole numbers, not scaling. */
  value(n: number): number;
}

/** Four factors in registers 0 to 7, so that one frame carries one reading of each. */
export const FACTORS: readonly ChaosFactor[] = [
  {
    the_type: 'temp',
    data_index: 0,
    data_type: 'int32',
    data_endian: 'ABCD',
    data_factor: 0.1,
    data_delta: 0,
    value: (n) => n / 10,
  },
  {
    the_type: 'humi',
    data_index: 2,
    data_type: 'uint32',
    data_endian: 'CDAB',
    data_factor: 0.01,
    data_delta: 0,
    value: (n) => n / 100,
  },
  {
    the_type: 'pressure',
    data_index: 4,
    data_type: 'int32',
    data_endian: 'DCBA',
    data_factor: 1,
    data_delta: -40,
    value: (n) => n - 40,
  },
  {
    the_type: 'soil',
    data_index: 6,
    data_type: 'float',
    data_endian: 'ABCD',
    data_factor: 0.5,
    data_delta: 0,
    value: (n) => n / 2,
  },
];

/** Registers of one frame with a reading of every factor. */
export const FRAME_REGISTERS = 8;

export interface ChaosDevice {
  readonly agriId: AgriId;
  readonly orgId: string;
  readonly projectId: string;
  /** How far its gateway's clock is off, in milliseconds. */
  readonly skewMs: number;
}

const ORGS = ['alder', 'birch', 'cedar'];
const PROJECTS = ['north', 'south'];
const DEVICES_OF_PROJECT = 4;
const MOST_SKEW_MS = 10 * 60_000;

/** The devices that send, with clocks from ten minutes behind to ten ahead. */
export const DEVICES: readonly ChaosDevice[] = ORGS.flatMap((orgId, org) =>
  PROJECTS.flatMap((projectId, project) =>
    Array.from({ length: DEVICES_OF_PROJECT }, (_, index): ChaosDevice => {
      const number = (org * PROJECTS.length + project) * DEVICES_OF_PROJECT + index;
      const last = ORGS.length * PROJECTS.length * DEVICES_OF_PROJECT - 1;
      return {
        agriId: agriId(`c-${1000 + number}-${orgId}`),
        orgId,
        projectId: `${orgId}-${projectId}`,
        skewMs: Math.round(MOST_SKEW_MS * ((2 * number) / last - 1)),
      };
    }),
  ),
);

/** A device that may not send, and the factor of each device that is switched off. */
export const BLOCKED_DEVICE = agriId('c-9000-blocked');
export const DISABLED_ADDRESS = 90;

export const factorId = (device: AgriId, factor: ChaosFactor): AgriId =>
  agriId(`${device}-1-0${factor.data_index}`);

/** Every factor that may have points. */
export const FACTOR_IDS: readonly AgriId[] = DEVICES.flatMap((device) =>
  FACTORS.map((factor) => factorId(device.agriId, factor)),
);

export const tokenOf = (orgId: string): string => `fur_chaos-token-of-${orgId}-0123456789`;

/** The fleet file of a run. */
export function chaosFleet(): FleetInput {
  const common = { unit: 1, modbus_type: 'holding' } as const;
  const factors = [
    ...FACTORS.map(({ value: _, ...factor }) => ({ ...common, address: 0, ...factor })),
    { ...common, address: DISABLED_ADDRESS, data_type: 'int16', the_type: 'off', enabled: false } as const,
  ];
  return {
    orgs: ORGS.map((slug, index) => ({
      slug,
      tokens: [{ name: 'chaos', role: 'manager', token: tokenOf(slug) }],
      projects: PROJECTS.map((name, project) => ({
        project_id: `${slug}-${name}`,
        devices: [
          ...DEVICES.filter((device) => device.projectId === `${slug}-${name}`).map((device) => ({
            device_id: device.agriId,
            agri_id: device.agriId,
            factors,
          })),
          ...(index + project === 0
            ? [{ device_id: BLOCKED_DEVICE, agri_id: BLOCKED_DEVICE, allow: false, factors }]
            : []),
        ],
      })),
    })),
  };
}
