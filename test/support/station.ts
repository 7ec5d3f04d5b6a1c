import { agriId } from '@furrow/contracts';
import { parseFleet } from '@furrow/registry';
import { expect } from 'vitest';
import { greenhouseWith, type startGreenhouse } from './all-in-one.ts';

type Greenhouse = Awaited<ReturnType<typeof startGreenhouse>>;

/** The gateway that the all-in-one process simulates, with a relay and a sensor behind it. */
const STATION = agriId('d-1001-abcd');
const FLEET = parseFleet(
  greenhouseWith([
    {
      device_id: '868686000000001',
      agri_id: STATION,
      factors: [
        { unit: 1, address: 0, modbus_type: 'holding', data_type: 'int16', the_type: 'temp' },
        { unit: 2, address: 0, modbus_type: 'coil', data_type: 'bool', the_type: 'switch' },
      ],
    },
  ]),
);

/** Registers the simulated gateway; where its commands are given. */
export async function addStation({ registry }: Greenhouse['furrow']) {
  await registry.applyFleet(FLEET);
  const devicePk = (await registry.plans.plansFor([STATION])).get(STATION)?.device.pk ?? 0;
  const factors = await registry.factors.list(devicePk);
  const valve = factors.find(({ modbus_type }) => modbus_type === 'coil')?.pk;
  const inProject = `/api/v2/projects/greenhouse-alpha/devices/${devicePk}`;
  return { devicePk, inProject, turnOn: `/api/v2/devices/${devicePk}/factors/${valve}/on/` };
}

/** Lets the gateway be heard of, so that it counts as online. */
export async function hearOfStation(
  { registry }: Greenhouse['furrow'],
  call: Greenhouse['call'],
  inProject: string,
): Promise<void> {
  const body = JSON.stringify([{ agri_id: `${STATION}-1-00`, value: 215 }]);
  expect((await call(`${inProject}/data/`, { method: 'POST', body })).status).toBe(200);
  await registry.contacts.flush();
}
