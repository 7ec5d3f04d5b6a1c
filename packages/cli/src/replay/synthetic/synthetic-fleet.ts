import type { FleetInput } from '@furrow/registry/fleet';
import { mix } from './mix.ts';
import type { SyntheticSpec } from './synthetic-spec.ts';

/** The project of each synthetic organization. */
export const SYNTHETIC_PROJECT = 'replay';

/** A kind of factor: its definition, and the number in its registers out of 32 random bits. */
interface FactorKind {
  readonly registers: 1 | 2;
  readonly definition: Readonly<Record<string, unknown>> & { readonly the_type: string };
  readonly raw: (bits: number) => number;
  readonly write: (view: DataView, at: number, raw: number) => void;
}

/** The kinds that the factors of a device have in turn: what most sensors send. */
const KINDS = [
  {
    registers: 1,
    definition: { data_type: 'int16', data_factor: 0.1, the_type: 'temp' },
    raw: (bits) => (bits % 900) - 200,
    write: (view, at, raw) => view.setInt16(at, raw),
  },
  {
    registers: 1,
    definition: { data_type: 'uint16', data_factor: 0.1, the_type: 'humi' },
    raw: (bits) => bits % 1_001,
    write: (view, at, raw) => view.setUint16(at, raw),
  },
  {
    registers: 2,
    definition: { data_type: 'uint32', data_endian: 'CDAB', data_factor: 0.01, the_type: 'flow' },
    raw: (bits) => bits % 10_000_000,
    write: (view, at, raw) => {
      view.setUint16(at, raw & 0xffff);
      view.setUint16(at + 2, raw >>> 16);
    },
  },
  {
    registers: 2,
    definition: { data_type: 'float32', the_type: 'pres' },
    // Quarters are exact in single precision, so the item's number and the frame's bytes say the same.
    raw: (bits) => (bits % 8_000) / 4,
    write: (view, at, raw) => view.setFloat32(at, raw),
  },
] as const satisfies readonly FactorKind[];

/** One factor of every synthetic device. */
export interface SyntheticFactor {
  readonly kind: FactorKind;
  /** Registers from the start of the read. */
  readonly dataIndex: number;
}

/** The factors that each device of the fleet has, in the order of their registers. */
export function syntheticFactors(count: number): readonly SyntheticFactor[] {
  const factors: SyntheticFactor[] = [];
  let dataIndex = 0;
  for (let index = 0; index < count; index += 1) {
    const kind: FactorKind = KINDS[index % KINDS.length] ?? KINDS[0];
    factors.push({ kind, dataIndex });
    dataIndex += kind.registers;
  }
  return factors;
}

/** The slug of the organization that a device belongs to. */
export function syntheticOrg(device: number, { orgs }: SyntheticSpec): string {
  return `replay-${(device % orgs) + 1}`;
}

/** The agri_id of a device. Fleets of other seeds are other devices. */
export function syntheticDevice(device: number, { seed }: SyntheticSpec): string {
  return `d-${1_000_000 + device}-${mix(seed, 1, 0).toString(36).padStart(4, '0').slice(-4)}`;
}

/** The agri_id of a factor of a device. */
export function syntheticFactorId(device: string, { dataIndex }: SyntheticFactor): string {
  return `${device}-1-0${dataIndex}`;
}

/** The fleet file by which `furrow seed` makes the devices exist; each organization gets a new token that may send. */
export function syntheticFleet(spec: SyntheticSpec): FleetInput {
  const factors = syntheticFactors(spec.factors).map(({ kind, dataIndex }) => ({
    unit: 1,
    address: 0,
    data_index: dataIndex,
    modbus_type: 'holding',
    ...kind.definition,
  }));
  const orgs = Array.from({ length: Math.min(spec.orgs, spec.devices) }, (_, org) => ({
    slug: `replay-${org + 1}`,
    tokens: [{ name: 'replay', role: 'manager' as const }],
    projects: [{ project_id: SYNTHETIC_PROJECT, devices: devicesOf(org, spec, factors) }],
  }));
  return { orgs } as FleetInput;
}

function devicesOf(org: number, spec: SyntheticSpec, factors: readonly unknown[]): object[] {
  const devices: object[] = [];
  for (let device = org; device < spec.devices; device += spec.orgs) {
    const agriId = syntheticDevice(device, spec);
    devices.push({ device_id: `replay-${agriId}`, agri_id: agriId, factors });
  }
  return devices;
}
