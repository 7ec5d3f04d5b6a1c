import { agriId, factorAgriId, factorDefinitionSchema, type UplinkMessage } from '@furrow/contracts';
import { compilePlan } from '@furrow/decoding';
import type { FindOwner } from '@furrow/ingest';
import type { DevicePlan, RegisteredDevice } from '@furrow/registry';
import { parseFleet } from '@furrow/registry';

export const DEVICES = 100;
const FACTORS = 10;
/** How often the fleet may send in one run; the last of these laps ends at the newest time. */
const LAPS = 30;

const definition = (index: number) => ({
  unit: 1,
  address: 0,
  data_index: index,
  modbus_type: 'holding',
  data_type: index % 2 === 0 ? 'int16' : 'uint16',
  data_factor: 0.1,
  the_type: 'temp',
});

const deviceId = (index: number) => agriId(`d-${1000 + index}-abcd`);

/** A hundred gateways with ten factors each, as a fleet file. */
export function benchFleet() {
  const devices = Array.from({ length: DEVICES }, (_, index) => ({
    device_id: `8686860000${10_000 + index}`,
    agri_id: deviceId(index),
    factors: Array.from({ length: FACTORS }, (_, factor) => definition(factor)),
  }));
  return parseFleet({ orgs: [{ slug: 'bench', projects: [{ project_id: 'bench', devices }] }] });
}

/** The same fleet as plans in memory, for the pipeline alone. */
export function benchPlans(): FindOwner {
  const plans = new Map<string, DevicePlan>();
  for (let index = 0; index < DEVICES; index += 1) {
    const id = deviceId(index);
    const factors = Array.from({ length: FACTORS }, (_, factor) => ({
      ...factorDefinitionSchema.parse(definition(factor)),
      agri_id: factorAgriId(id, 1, 0, factor),
    }));
    const device = {
      pk: index + 1,
      agriId: id,
      orgId: 'bench',
      projectId: 'bench',
      allow: true,
      scaled: false,
    } as RegisteredDevice;
    plans.set(id, { device, plan: compilePlan(factors), subDevices: [] });
  }
  return (id) => plans.get(id);
}

/** Forms in which a message carries its readings. */
export const FORMS = ['items', 'frames'] as const;
export type Form = (typeof FORMS)[number];

/**
 * Uplinks of the fleet in turn, `reads` reads of ten registers each, one a second. Every value and time is a function of the message's
 * number, so each run sends the same.
 */
export function benchUplink(number: number, form: Form, reads: number, newestT: number): UplinkMessage {
  const device = deviceId(number % DEVICES);
  const start = newestT - (LAPS - Math.floor(number / DEVICES)) * reads;
  const times = Array.from({ length: reads }, (_, read) => start + read);
  const raw = (t: number, factor: number) => (t * 31 + factor * 7 + number) % 1000;
  const items = times.flatMap((t) =>
    Array.from({ length: FACTORS }, (_, factor) => ({
      agri_id: factorAgriId(device, 1, 0, factor),
      value: raw(t, factor),
      t,
      the_type: 'temp',
    })),
  );
  const frames = times.map((t) => {
    const bytes = Buffer.alloc(FACTORS * 2);
    for (let factor = 0; factor < FACTORS; factor += 1) bytes.writeUInt16BE(raw(t, factor), factor * 2);
    return {
      unit: 1,
      modbus_type: 'holding',
      address: 0,
      framing: 'registers' as const,
      hex: bytes.toString('hex'),
      t,
    };
  });
  const envelope = {
    v: 1 as const,
    org_id: 'bench',
    project_id: 'bench',
    device,
    received_at: newestT * 1000,
  };
  return form === 'items' ? { ...envelope, items } : { ...envelope, frames };
}

/** Readings in one message of {@link benchUplink}. */
export function readingsIn(reads: number): number {
  return reads * FACTORS;
}
