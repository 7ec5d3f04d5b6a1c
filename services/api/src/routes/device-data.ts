import type { Point } from '@furrow/contracts';
import { ItemTooLargeError } from '@furrow/queue';
import { inSpan, type TraceHeaders } from '@furrow/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { callerOf, requireManager, requireProject } from '../authenticate.ts';
import { success } from '../envelope.ts';
import { ApiError } from '../errors.ts';
import { primaryKeySchema } from '../page-query.ts';
import type { ApiDeps } from '../server.ts';
import { validate } from '../validate.ts';
import { enrichUplink, parseDataPost } from './enrich-uplink.ts';
import { toSeconds } from './history-answer.ts';
import { wantsFresh } from './wants-fresh.ts';

/** How long the latest readings are kept (reference: "cached for ~120 seconds"). */
const LATEST_TTL_MS = 120_000;

const pathSchema = z.object({ project_id: z.string(), device_pk: primaryKeySchema('device_pk') });

/** The telemetry endpoint: a device's latest readings, and new readings from its gateway (reference: "Telemetry Endpoint"). */
export function deviceDataRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const path = '/projects/:project_id/devices/:device_pk/data/';

  app.get(path, async (request) => {
    const { agriId } = await findDevice(request);
    return deps.cache.get(
      { key: 'latest', agriId, ttlMs: LATEST_TTL_MS, fresh: wantsFresh(request) },
      async () => {
        const points = await deps.store.latest(agriId);
        return { body: success(points.map(latestReading)), empty: points.length === 0 };
      },
    );
  });

  app.post(path, (request) =>
    inSpan('api.post', { kind: 'server', from: traceOf(request) }, () => takeReadings(request)),
  );

  async function takeReadings(request: FastifyRequest) {
    requireManager(callerOf(request));
    const device = await findDevice(request);
    if (!device.allow)
      throw new ApiError(
        'FORBIDDEN',
        `device ${device.pk} may not relay data: it is blocked (allow = false)`,
      );
    const post = parseDataPost(request.body);
    const plans = await deps.registry.plans.plansFor([device.agriId]);
    const { uplink, problems } = enrichUplink(post, device, plans.get(device.agriId), deps.receivedAt());
    await inSpan('queue.send', { kind: 'producer' }, () => deps.producer.send(uplink)).catch(
      refuseUnsendable,
    );
    deps.cache.invalidate(device.agriId);
    return success({
      received: post.items.length + post.frames.length,
      ...(problems.length > 0 && { problems }),
    });
  }

  async function findDevice(request: FastifyRequest) {
    const { project_id, device_pk } = validate(pathSchema, request.params, 'path');
    const caller = callerOf(request);
    requireProject(caller, project_id);
    const device = await deps.registry.findDevice(caller, { devicePk: device_pk, projectId: project_id });
    if (device) return device;
    throw new ApiError(
      'DEVICE_NOT_FOUND',
      `project ${project_id} has no device ${device_pk}, or there is no such project`,
    );
  }
}

/** The W3C headers of a caller that traces its requests. */
function traceOf({ headers }: FastifyRequest): TraceHeaders {
  const { traceparent, tracestate } = headers;
  return {
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    tracestate: typeof tracestate === 'string' ? tracestate : undefined,
  };
}

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
function latestReading({ agriId, theType, value, t }: Point): Record<string, unknown> {
  return { agri_id: agriId, [theType]: value, t: toSeconds(t) };
}
