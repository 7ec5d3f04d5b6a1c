import { slugSchema } from '@furrow/contracts';
import { z } from 'zod';
import type { ApiDeps } from '../api-deps.ts';
import { requireProject } from '../authenticate.ts';
import { ApiError } from '../errors.ts';
import { noQuery } from '../query-schemas.ts';
import { type Route, route } from '../route.ts';
import { deviceAnswer, deviceSchema, EXAMPLE_DEVICE } from '../schemas/device.ts';
import {
  EXAMPLE_PROJECT,
  EXAMPLE_PROJECT_DEVICE,
  keyOf,
  noDevice,
  projectDevicePath,
  projectPath,
  tagsOf,
} from './paths.ts';

const bindSchema = z.object({
  device_id: z
    .string('device_id is text: the hardware identifier on the label')
    .min(1, 'device_id is not empty')
    .max(64, 'device_id has at most 64 characters'),
  safe_code: z
    .string('safe_code is text: the four characters on the label')
    .min(1, 'safe_code is not empty')
    .max(16, 'safe_code has at most 16 characters'),
});

const bindDevice = route({
  method: 'POST',
  path: '/projects/{project_id}/devices/bind/',
  operationId: 'bindDevice',
  tag: 'Devices',
  summary: 'Bind a device to the project by its label',
  description:
    'Ten wrong codes for a device, or thirty from a token, within a quarter of an hour are answered with 429. ' +
    'Binding a device to the project that it is in changes nothing.',
  role: 'manager',
  params: projectPath,
  query: noQuery,
  body: bindSchema,
  answer: deviceSchema,
  errors: ['DEVICE_NOT_FOUND', 'DEVICE_ALREADY_BOUND', 'CONFLICT'],
  example: {
    params: EXAMPLE_PROJECT,
    body: { device_id: '868686000123456', safe_code: '8K2P' },
    answer: EXAMPLE_DEVICE,
  },
  handle: async ({ caller, params, body }, deps) => {
    refuseGuessing(deps, caller.id, body.device_id);
    const { registry, bindGuard, answers } = deps;
    const projectId = params.project_id;
    const outcome = await registry.devices.bind(caller, {
      deviceId: body.device_id,
      safeCode: body.safe_code,
      projectId,
    });
    switch (outcome.kind) {
      case 'no_project':
        throw new ApiError('DEVICE_NOT_FOUND', `there is no project ${projectId}`);
      case 'no_match':
        bindGuard.noteFailure(caller.id, body.device_id);
        throw new ApiError('DEVICE_NOT_FOUND', 'device not found or safe code mismatch');
      case 'bound_elsewhere':
        throw new ApiError('DEVICE_ALREADY_BOUND', 'the device is bound already');
    }
    answers.invalidate(...tagsOf({ pk: outcome.devicePk, orgPk: caller.orgPk }));
    const device = await registry.devices.details(caller, { devicePk: outcome.devicePk });
    if (!device) throw new ApiError('DEVICE_NOT_FOUND', 'the device was taken away as it was bound');
    return deviceAnswer(device);
  },
});

const unbindDevice = route({
  method: 'POST',
  path: '/projects/{project_id}/devices/{device_pk}/unbind/',
  operationId: 'unbindDevice',
  tag: 'Devices',
  summary: 'Take a device out of its project',
  description: 'It stays with its organization, and can be bound to any project of it.',
  role: 'manager',
  params: projectDevicePath,
  query: noQuery,
  answer: null,
  errors: ['DEVICE_NOT_FOUND'],
  example: { params: EXAMPLE_PROJECT_DEVICE, answer: null },
  handle: async (call, { registry, answers }) => {
    const device = await registry.devices.unbind(call.caller, keyOf(call));
    if (device === undefined) throw noDevice(call);
    answers.invalidate(...tagsOf(device));
  },
});

const setProject = route({
  method: 'POST',
  path: '/projects/{project_id}/devices/{device_pk}/set-project/',
  operationId: 'setDeviceProject',
  tag: 'Devices',
  summary: 'Move a device to another project of the same organization',
  role: 'manager',
  params: projectDevicePath,
  query: noQuery,
  body: z.object({ project_id: slugSchema }),
  answer: deviceSchema,
  errors: ['DEVICE_NOT_FOUND'],
  example: {
    params: { ...EXAMPLE_PROJECT_DEVICE, project_id: 'cold-chain-west' },
    body: { project_id: 'cold-chain-east' },
    answer: EXAMPLE_DEVICE,
  },
  handle: async (call, { registry, answers }) => {
    const target = call.body.project_id;
    requireProject(call.caller, target);
    const outcome = await registry.devices.move(call.caller, keyOf(call), target);
    if (outcome.kind === 'no_device') throw noDevice(call);
    if (outcome.kind === 'no_project') {
      throw new ApiError('DEVICE_NOT_FOUND', `the organization has no project ${target}`, {
        fields: [{ name: 'project_id', message: 'a project of the same organization' }],
      });
    }
    answers.invalidate(...tagsOf(outcome.device));
    return deviceAnswer(outcome.device);
  },
});

function refuseGuessing({ bindGuard }: ApiDeps, tokenId: number, deviceId: string): void {
  const seconds = bindGuard.waitSeconds(tokenId, deviceId);
  if (seconds === 0) return;
  throw new ApiError('TOO_MANY_REQUESTS', `too many wrong codes; try again in ${seconds} seconds`, {
    retryAfterSeconds: seconds,
  });
}

/** Which project a device belongs to (reference 001: bind, unbind, set-project). */
export const deviceBindingRoutes: readonly Route[] = [bindDevice, unbindDevice, setProject];
