import type { Point } from '@furrow/contracts';
import { ItemTooLargeError } from '@furrow/queue';
import type { DevicePlan } from '@furrow/registry';
import { inSpan } from '@furrow/runtime';
import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { noQuery } from '../query-schemas.ts';
import { type Route, route } from '../route.ts';
import { enrichUplink, parseDataPost } from './enrich-uplink.ts';
import { toSeconds } from './history-answer.ts';
import { deviceOf, EXAMPLE_PROJECT_DEVICE, projectDevicePath } from './paths.ts';
import { findPlanned, labelOfValue } from './value-label.ts';

/** How long the latest readings are kept (reference: "cached for ~120 seconds"). */
const LATEST_CACHE_SECONDS = 120;

const EXAMPLE_ITEMS = [
  { agri_id: 'd-1000-abcd-01', value: 24.3, t: 1708070400 },
  { agri_id: 'd-1000-abcd-02', value: 68.2 },
];

const latestSchema = z
  .object({ agri_id: z.string(), t: z.number().describe('UTC seconds') })
  .catchall(z.union([z.number(), z.string()]))
  .describe(
    'The value stands under the type of its factor, such as `temp`; `label` is what a value of an enumeration stands for',
  );

const getData = route({
  method: 'GET',
  path: '/projects/{project_id}/devices/{device_pk}/data/',
  operationId: 'getDeviceData',
  tag: 'Data',
  summary: 'The newest reading of each factor of a device and its sub-devices',
  role: 'reader',
  params: projectDevicePath,
  query: noQuery,
  answer: z.array(latestSchema),
  errors: ['DEVICE_NOT_FOUND'],
  cacheSeconds: LATEST_CACHE_SECONDS,
  example: {
    params: EXAMPLE_PROJECT_DEVICE,
    answer: [{ agri_id: 'd-1000-abcd-01', temp: 24.1, t: 1708070400 }],
  },
  handle: async (call, deps) => {
    const { agriId } = await deviceOf(call, deps);
    const query = { key: 'latest', agriId, ttlMs: LATEST_CACHE_SECONDS * 1000, fresh: call.fresh };
    return await deps.cache.get(query, async () => {
      const points = await deps.store.latest(agriId);
      const plans = points.length === 0 ? undefined : await deps.registry.plans.plansFor([agriId]);
      return {
        body: points.map((point) => latestReading(point, plans?.get(agriId))),
        empty: points.length === 0,
      };
    });
  },
});

const postData = route({
  method: 'POST',
  path: '/projects/{project_id}/devices/{device_pk}/data/',
  operationId: 'postDeviceData',
  tag: 'Data',
  summary: 'Readings or register frames from a gateway',
  description:
    'Answers when the queue has accepted them. Items under another prefix than the device’s are dropped without a word. ' +
    '`problems` names entries that have not the form of an item or a frame.',
  role: 'manager',
  params: projectDevicePath,
  query: noQuery,
  body: z.unknown().meta({
    id: 'DataPost',
    anyOf: [
      { type: 'array', minItems: 1, items: { type: 'object' } },
      {
        type: 'object',
        properties: { items: { type: 'array' }, frames: { type: 'array' } },
      },
    ],
  }),
  queuesBody: true,
  answer: z.object({
    received: z.int(),
    problems: z.array(z.object({ name: z.string(), message: z.string() })).optional(),
  }),
  errors: ['DEVICE_NOT_FOUND'],
  example: { params: EXAMPLE_PROJECT_DEVICE, body: EXAMPLE_ITEMS, answer: { received: 2 } },
  handle: (call, deps) =>
    inSpan('api.post', { kind: 'server', from: call.trace }, async () => {
      const device = await deviceOf(call, deps);
      if (!device.allow)
        throw new ApiError(
          'FORBIDDEN',
          `device ${device.pk} may not relay data: it is blocked (allow = false)`,
        );
      const post = parseDataPost(call.body);
      const plans = await deps.registry.plans.plansFor([device.agriId]);
      const { uplink, problems } = enrichUplink(post, device, plans.get(device.agriId), deps.receivedAt());
      await inSpan('queue.send', { kind: 'producer' }, () => deps.producer.send(uplink)).catch(
        refuseUnsendable,
      );
      deps.registry.contacts.note(device.pk);
      deps.cache.invalidate(device.agriId);
      return {
        received: post.items.length + post.frames.length,
        ...(problems.length > 0 && { problems: [...problems] }),
      };
    }),
});

/** What of an uplink fits no message is the sender's to mend; everything else is not. */
function refuseUnsendable(error: unknown): never {
  if (error instanceof ItemTooLargeError) {
    const message = `it takes ${error.bytes} bytes, and one message has at most ${error.limitBytes}`;
    throw new ApiError('VALIDATION_ERROR', `${error.path}: ${message}`, {
      fields: [{ name: error.path, message }],
    });
  }
  // JSON.parse takes any depth, JSON.stringify runs out of stack.
  if (error instanceof RangeError)
    throw new ApiError('VALIDATION_ERROR', 'the body is nested too deeply', { cause: error });
  throw error;
}

/** One factor's newest reading under the name of its type: `{"agri_id": …, "temp": 24.1, "t": 1708070400}`. */
function latestReading({ agriId, theType, value, t }: Point, plan: DevicePlan | undefined) {
  const label = labelOfValue(findPlanned(agriId, plan), value);
  return { agri_id: agriId, ...(label !== undefined && { label }), [theType]: value, t: toSeconds(t) };
}

/** The telemetry endpoint: a device's latest readings, and new readings from its gateway (reference: "Telemetry Endpoint"). */
export const deviceDataRoutes: readonly Route[] = [getData, postData];
