import type { DeviceDetails, RegisteredDevice } from '@furrow/registry';
import { z } from 'zod';

const time = z.iso.datetime();

const projectSchema = z.object({ project_id: z.string(), name: z.string() });

/** A device in a list of the whole organization. */
export const listedDeviceSchema = z
  .object({
    id: z.int().describe('Primary key; `device_pk` and `device_id` in paths'),
    device_id: z.string().describe('Hardware identifier: IMEI or serial number'),
    agri_id: z.string().describe('What the identifiers of its factors begin with'),
    device_name: z.string(),
    info: z.string(),
    allow: z.boolean().describe('When false, the device cannot relay data'),
    scaled: z
      .boolean()
      .describe(
        'What a reading without `scaled` of its own is: true, an engineering value that the gateway scaled; false, a raw register reading',
      ),
    bind_time: time.nullable(),
    create_time: time,
    connect_time: time.nullable().describe('When it was last heard of, to the minute'),
    project: projectSchema.nullable().describe('Null when it is bound to no project'),
  })
  .meta({ id: 'ListedDevice' });

/** A device with what is derived for it. */
export const deviceSchema = listedDeviceSchema
  .extend({
    has_thresholds: z
      .boolean()
      .describe('True when one of its factors says a lowest or a highest value (min, max)'),
  })
  .meta({ id: 'Device' });

export function listedDevice(device: RegisteredDevice): z.input<typeof listedDeviceSchema> {
  const { projectId, projectName } = device;
  return {
    id: device.pk,
    device_id: device.deviceId,
    agri_id: device.agriId,
    device_name: device.deviceName,
    info: device.info,
    allow: device.allow,
    scaled: device.scaled,
    bind_time: timeText(device.bindTime),
    create_time: timeText(device.createTime) ?? '',
    connect_time: timeText(device.connectTime),
    project: projectId === null ? null : { project_id: projectId, name: projectName ?? projectId },
  };
}

export function deviceAnswer(device: DeviceDetails): z.input<typeof deviceSchema> {
  return { ...listedDevice(device), has_thresholds: device.hasThresholds };
}

/** `2024-01-08T10:00:00Z`: to the second, as the documents write times. */
function timeText(time: Date | null): string | null {
  return time === null ? null : time.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** What the documents' own example says. */
export const EXAMPLE_DEVICE: z.input<typeof deviceSchema> = {
  id: 42,
  device_id: '868686000123456',
  agri_id: 'd-1000-abcd',
  device_name: 'Cold-room node #1',
  info: 'Walk-in freezer',
  allow: true,
  scaled: false,
  bind_time: '2024-01-08T10:00:00Z',
  create_time: '2024-01-02T08:30:00Z',
  connect_time: '2024-02-16T08:00:00Z',
  has_thresholds: true,
  project: { project_id: 'cold-chain-east', name: 'Cold Chain East' },
};
