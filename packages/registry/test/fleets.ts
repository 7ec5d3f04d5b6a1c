import type { FactorDefinitionInput } from '@furrow/contracts';
import type { Fleet, FleetInput } from '../src/index.ts';
import { parseFleet } from '../src/index.ts';

type OrgInput = FleetInput['orgs'][number];
type DeviceInput = NonNullable<NonNullable<OrgInput['projects']>[number]['devices']>[number];

/** A temperature at unit 1, holding register 0, unless said otherwise. */
export function factor(over: Partial<FactorDefinitionInput> & { agri_id?: string; name?: string } = {}) {
  return { unit: 1, address: 0, modbus_type: 'holding', data_type: 'int16', the_type: 'temp', ...over };
}

/** A device `hw-<agri_id>` with one temperature. */
export function device(agri_id: string, over: Partial<DeviceInput> = {}): DeviceInput {
  return { device_id: `hw-${agri_id}`, agri_id, factors: [factor()], ...over };
}

/** One organization with one project of these devices. */
export function org(slug: string, devices: DeviceInput[], over: Partial<OrgInput> = {}): OrgInput {
  return { slug, projects: [{ project_id: 'greenhouse-alpha', devices }], ...over };
}

export function fleet(...orgs: OrgInput[]): Fleet {
  return parseFleet({ orgs });
}
