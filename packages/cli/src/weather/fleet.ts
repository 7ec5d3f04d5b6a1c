import type { Fleet, Registry } from '@furrow/registry';
import { parseFleet } from '@furrow/registry';
import { STATION_QUANTITIES, WEATHER_STATION } from './station.ts';

/** A relay that the simulated gateway has beside the sensors, for trying out on and off. */
const IRRIGATION_VALVE = {
  unit: 2,
  address: 0,
  modbus_type: 'coil',
  data_type: 'bool',
  the_type: 'switch',
  name: 'Irrigation valve',
  labels: { '0': 'off', '1': 'on' },
} as const;

/** The fleet of the weather replay: one organization, one project, one station, and a token that may do everything in it. */
export function weatherFleet(token: string): Fleet {
  const { orgId, projectId, deviceId, agriId } = WEATHER_STATION;
  const device = {
    device_id: deviceId,
    agri_id: agriId,
    device_name: 'Weather station behind a Modbus gateway',
    info: 'Hourly normals of Seattle',
    safe_code: 'W3TH',
    factors: [
      ...STATION_QUANTITIES.map(({ definition, field }) => ({ ...definition, name: field })),
      IRRIGATION_VALVE,
    ],
  };
  return parseFleet({
    orgs: [
      {
        slug: orgId,
        name: 'Seattle Lab',
        tokens: [{ name: 'development', role: 'manager', token }],
        projects: [{ project_id: projectId, name: 'Weather', devices: [device] }],
      },
    ],
  });
}

/** The path of the valve in the API; undefined when the station or the valve is not there. */
export async function valvePath(registry: Registry): Promise<string | undefined> {
  const station = (await registry.plans.plansFor([WEATHER_STATION.agriId])).get(
    WEATHER_STATION.agriId,
  )?.device;
  if (station === undefined) return undefined;
  const factors = await registry.factors.list(station.pk);
  const valve = factors.find(({ name }) => name === IRRIGATION_VALVE.name);
  return valve && `/api/v2/devices/${station.pk}/factors/${valve.pk}/`;
}
