import type { DeviceOrderField } from '@furrow/registry';
import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { noQuery, orderingSchema, pageQueryShape, searchSchema } from '../query-schemas.ts';
import { type Route, route } from '../route.ts';
import {
  deviceAnswer,
  deviceSchema,
  EXAMPLE_DEVICE,
  listedDevice,
  listedDeviceSchema,
} from '../schemas/device.ts';
import { pageAnswer, pageSchema } from '../schemas/page.ts';
import {
  EXAMPLE_PROJECT,
  EXAMPLE_PROJECT_DEVICE,
  keyOf,
  noDevice,
  projectDevicePath,
  projectPath,
  tagsOf,
} from './paths.ts';

/** How long lists and details of devices are kept (reference: "cacheable for 60 seconds"). */
const DEVICES_CACHE_SECONDS = 60;

/** Names that a list of devices can be ordered by. The documents' example orders by `created_at`. */
const ORDER_FIELDS = {
  id: 'pk',
  device_id: 'deviceId',
  device_name: 'deviceName',
  info: 'info',
  allow: 'allow',
  bind_time: 'bindTime',
  connect_time: 'connectTime',
  create_time: 'createTime',
  created_at: 'createTime',
} as const satisfies Record<string, DeviceOrderField>;

const truthSchema = (name: string) =>
  z
    .enum(['true', 'false'], `${name} is true or false`)
    .transform((text) => text === 'true')
    .optional();

const deviceListQuery = z.object({
  search: searchSchema.describe('Text in device_id, device_name or info, in any letter case'),
  allow: truthSchema('allow'),
  ordering: orderingSchema(ORDER_FIELDS),
});

const { has_thresholds: _, ...EXAMPLE_LISTED } = EXAMPLE_DEVICE;

const deviceChangeSchema = z
  .object({
    info: z.string('info is text').max(500, 'info has at most 500 characters').optional(),
    allow: z.boolean('allow is true or false').optional(),
    project: z
      .undefined('a device changes its project only by POST …/set-project/ with {"project_id": "…"}')
      .optional()
      .meta({ not: {} }),
  })
  .refine(({ info, allow }) => info !== undefined || allow !== undefined, 'at least one of info and allow');

const listDevices = route({
  method: 'GET',
  path: '/devices/',
  operationId: 'listDevices',
  tag: 'Devices',
  summary: 'All devices that the token reaches, as one list without pages',
  role: 'reader',
  params: z.object({}),
  query: deviceListQuery.extend({
    project_id: z.string('project_id is given once').optional().describe('Only devices of this project'),
  }),
  answer: z.array(listedDeviceSchema),
  errors: [],
  cacheSeconds: DEVICES_CACHE_SECONDS,
  example: { params: {}, query: { search: 'gateway' }, answer: [EXAMPLE_LISTED] },
  handle: ({ caller, query, fresh }, { registry, answers }) => {
    const { project_id: projectId, search, allow, ordering: order } = query;
    const wanted = { projectId, search, allow, order };
    const key = JSON.stringify(['devices', caller.orgPk, caller.projects, wanted]);
    return answers.get(
      { key, tags: [`org ${caller.orgPk}`], ttlMs: DEVICES_CACHE_SECONDS * 1000, fresh },
      async () => (await registry.devices.list(caller, wanted)).map(listedDevice),
      (devices) => devices.length,
    );
  },
});

const listProjectDevices = route({
  method: 'GET',
  path: '/projects/{project_id}/devices/',
  operationId: 'listProjectDevices',
  tag: 'Devices',
  summary: 'The devices of a project, in pages',
  role: 'reader',
  params: projectPath,
  query: deviceListQuery.extend(pageQueryShape),
  answer: pageSchema(deviceSchema),
  errors: ['DEVICE_NOT_FOUND'],
  cacheSeconds: DEVICES_CACHE_SECONDS,
  example: {
    params: EXAMPLE_PROJECT,
    query: { page: 1, ordering: '-bind_time' },
    answer: { count: 1, next: null, previous: null, results: [EXAMPLE_DEVICE] },
  },
  handle: async ({ caller, params, query, fresh, url }, { registry, answers }) => {
    const projectId = params.project_id;
    const project = await registry.findProject(caller, projectId);
    if (!project) throw new ApiError('DEVICE_NOT_FOUND', `there is no project ${projectId}`);
    const { search, allow, ordering: order, page, page_size: pageSize } = query;
    const wanted = { projectId, search, allow, order, page, pageSize };
    const key = JSON.stringify(['project devices', project.pk, wanted]);
    const { count, devices } = await answers.get(
      { key, tags: [`org ${caller.orgPk}`], ttlMs: DEVICES_CACHE_SECONDS * 1000, fresh },
      () => registry.devices.page(caller, wanted),
      (found) => found.devices.length,
    );
    return pageAnswer(url, { page, pageSize, count }, devices.map(deviceAnswer));
  },
});

const getDevice = route({
  method: 'GET',
  path: '/projects/{project_id}/devices/{device_pk}/',
  operationId: 'getDevice',
  tag: 'Devices',
  summary: 'One device',
  role: 'reader',
  params: projectDevicePath,
  query: noQuery,
  answer: deviceSchema,
  errors: ['DEVICE_NOT_FOUND'],
  cacheSeconds: DEVICES_CACHE_SECONDS,
  example: { params: EXAMPLE_PROJECT_DEVICE, answer: EXAMPLE_DEVICE },
  handle: async (call, { registry, answers }) => {
    const { caller, params, fresh } = call;
    const key = JSON.stringify(['device', caller.orgPk, params]);
    const device = await answers.get(
      { key, tags: [`device ${params.device_pk}`], ttlMs: DEVICES_CACHE_SECONDS * 1000, fresh },
      async () => {
        const found = await registry.devices.details(caller, keyOf(call));
        // A failure is not kept: the device may come any moment.
        if (found === undefined) throw noDevice(call);
        return found;
      },
      () => 1,
    );
    return deviceAnswer(device);
  },
});

/** PUT and PATCH alike: both change what they name, for there is nothing else that a device must say of itself. */
const updateDevice = (method: 'PUT' | 'PATCH') =>
  route({
    method,
    path: '/projects/{project_id}/devices/{device_pk}/',
    operationId: method === 'PUT' ? 'putDevice' : 'patchDevice',
    tag: 'Devices',
    summary: 'Change the description of a device, or whether it may relay data',
    description:
      'Fields that only the platform writes are ignored; `project` is refused, for `set-project` changes it.',
    role: 'manager',
    params: projectDevicePath,
    query: noQuery,
    body: deviceChangeSchema,
    answer: deviceSchema,
    errors: ['DEVICE_NOT_FOUND'],
    example: {
      params: EXAMPLE_PROJECT_DEVICE,
      body: { info: 'Greenhouse #3 gateway', allow: true },
      answer: { ...EXAMPLE_DEVICE, info: 'Greenhouse #3 gateway' },
    },
    handle: async (call, { registry, answers }) => {
      const { info, allow } = call.body;
      const device = await registry.devices.update(call.caller, keyOf(call), { info, allow });
      if (device === undefined) throw noDevice(call);
      answers.invalidate(...tagsOf(device));
      return deviceAnswer(device);
    },
  });

/** Devices of an organization and of a project (reference 001). */
export const deviceRoutes: readonly Route[] = [
  listDevices,
  listProjectDevices,
  getDevice,
  updateDevice('PUT'),
  updateDevice('PATCH'),
];
