import { agriId, type FactorDefinitionInput, factorAgriId, factorDefinitionSchema } from '@furrow/contracts';
import { compilePlan } from '@furrow/decoding';
import type { DevicePlan, RegisteredDevice } from '@furrow/registry';

/** A device with holding-register factors, for tests of the pipeline. */
export function devicePlan(
  id: string,
  factors: readonly Partial<FactorDefinitionInput>[],
  change: Partial<RegisteredDevice> = {},
  subDevices: readonly DevicePlan[] = [],
): DevicePlan {
  const device = {
    pk: 1,
    agriId: agriId(id),
    orgId: 'yanji-lab',
    projectId: 'greenhouse-alpha',
    allow: true,
    scaled: false,
    deviceId: `868686-${id}`,
    ...change,
  } as RegisteredDevice;
  const plan = compilePlan(
    factors.map((factor) => {
      const definition = factorDefinitionSchema.parse({
        unit: 1,
        address: 0,
        data_index: 0,
        modbus_type: 'holding',
        data_type: 'int16',
        the_type: 'temp',
        ...factor,
      });
      const { unit, address, data_index } = definition;
      return { ...definition, agri_id: factorAgriId(device.agriId, unit, address, data_index) };
    }),
  );
  return { device, plan, subDevices };
}
