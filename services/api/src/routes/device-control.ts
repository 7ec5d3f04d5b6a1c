import { type CommandAction, serialSettingsSchema, tcpEndpointSchema } from '@furrow/contracts';
import type { z } from 'zod';
import type { ApiDeps } from '../api-deps.ts';
import { noQuery } from '../query-schemas.ts';
import { type Call, type Route, route } from '../route.ts';
import { COMMAND_ERRORS, EXAMPLE_TAKEN, giveCommand, takenCommandSchema } from './give-command.ts';
import { deviceOf, EXAMPLE_PROJECT_DEVICE, keyOf, projectDevicePath } from './paths.ts';

const rebootDevice = route({
  method: 'POST',
  path: '/projects/{project_id}/devices/{device_pk}/reboot/',
  operationId: 'rebootDevice',
  tag: 'Control',
  summary: 'Reboot a device',
  role: 'manager',
  params: projectDevicePath,
  query: noQuery,
  answer: takenCommandSchema,
  errors: ['DEVICE_NOT_FOUND', ...COMMAND_ERRORS],
  example: { params: EXAMPLE_PROJECT_DEVICE, answer: EXAMPLE_TAKEN },
  handle: (call, deps) => control(call, deps, { kind: 'reboot' }),
});

const setSerial = route({
  method: 'POST',
  path: '/projects/{project_id}/devices/{device_pk}/set-serial/',
  operationId: 'setDeviceSerial',
  tag: 'Control',
  summary: 'Set the serial port of a device, and reboot it',
  role: 'manager',
  params: projectDevicePath,
  query: noQuery,
  body: serialSettingsSchema,
  bodyRefusal: 'INVALID_COMMAND',
  answer: takenCommandSchema,
  errors: ['DEVICE_NOT_FOUND', ...COMMAND_ERRORS],
  example: {
    params: EXAMPLE_PROJECT_DEVICE,
    body: { baud_rate: 9600, data_bits: 8, stop_bits: 1, parity: 'NONE' },
    answer: EXAMPLE_TAKEN,
  },
  handle: (call, deps) => control(call, deps, { kind: 'set_serial', ...call.body }),
});

const setTcp = route({
  method: 'POST',
  path: '/projects/{project_id}/devices/{device_pk}/set-tcp/',
  operationId: 'setDeviceTcp',
  tag: 'Control',
  summary: 'Set the server that a device connects to',
  description: 'An MQTT broker. The device connects to it after its next reboot; until then nothing changes.',
  role: 'manager',
  params: projectDevicePath,
  query: noQuery,
  body: tcpEndpointSchema,
  bodyRefusal: 'INVALID_COMMAND',
  answer: takenCommandSchema,
  errors: ['DEVICE_NOT_FOUND', ...COMMAND_ERRORS],
  example: {
    params: EXAMPLE_PROJECT_DEVICE,
    body: { host: 'iot.yanjiiot.com', port: 1883 },
    answer: EXAMPLE_TAKEN,
  },
  handle: (call, deps) => control(call, deps, { kind: 'set_tcp', ...call.body }),
});

async function control(
  call: Call<z.output<typeof projectDevicePath>, unknown, unknown>,
  deps: ApiDeps,
  action: CommandAction,
) {
  // By what the device is now, not what it was a moment ago: it may have been blocked, or heard of, since.
  const device = await deviceOf({ ...call, fresh: true }, deps);
  return await giveCommand(call, deps, { device, key: keyOf(call), action });
}

/** What a device can be told (reference 001: "Control & Configuration Actions"). */
export const deviceControlRoutes: readonly Route[] = [rebootDevice, setSerial, setTcp];
