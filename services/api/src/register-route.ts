import { createHash } from 'node:crypto';
import type { TraceHeaders } from '@furrow/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps, ApiSettings } from './api-deps.ts';
import { callerOf, requireManager, requireProject } from './authenticate.ts';
import { success } from './envelope.ts';
import { ApiError } from './errors.ts';
import { readUpload } from './read-upload.ts';
import type { Route } from './route.ts';
import { requireStorableText } from './storable-text.ts';
import { validate } from './validate.ts';

/** A path of the documents as the router writes it: `{device_pk}` is `:device_pk`. */
export function routerPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Adds one route: every request is checked by what the route declares before its handler sees it. */
export function registerRoute(
  app: FastifyInstance,
  route: Route,
  deps: ApiDeps,
  settings: ApiSettings,
): void {
  app.route({
    method: route.method,
    url: routerPath(route.path),
    handler: async (request, reply) => {
      const call = await checkedCall(route, request, settings);
      const data = await route.handle(call, deps);
      if (route.answer === null) return reply.status(204).send();
      const body = success(data);
      if (route.attachment) reply.header('content-disposition', `attachment; filename="${route.attachment}"`);
      return route.cacheSeconds === undefined ? body : sendKept(request, reply, JSON.stringify(body));
    },
  });
}

/** In this order: the role, the path, the project, then the rest, so that who may not ask learns nothing of what there is. */
async function checkedCall(route: Route, request: FastifyRequest, settings: ApiSettings) {
  const caller = callerOf(request);
  if (route.role === 'manager') requireManager(caller);
  requireStorableText('path', request.params);
  const params = validate(route.params, request.params, 'path');
  const projectId = params['project_id'];
  if (typeof projectId === 'string') requireProject(caller, projectId);
  requireStorableText('query', request.query);
  const query = validate(route.query, request.query, 'query');
  const upload = route.upload && (await readUpload(request));
  return {
    caller,
    params,
    query,
    body: route.body && checkedBody(route, route.body, request.body),
    upload,
    fresh: /\bno-(cache|store)\b/i.test(request.headers['cache-control'] ?? ''),
    trace: traceOf(request),
    url: addressOf(request, settings),
  };
}

function checkedBody(route: Route, schema: NonNullable<Route['body']>, body: unknown): unknown {
  if (body === undefined) throw new ApiError('BAD_REQUEST', 'the body is empty');
  if (!route.queuesBody) requireStorableText('body', body);
  return validate(schema, body, 'body', route.bodyRefusal);
}

function traceOf({ headers }: FastifyRequest): TraceHeaders {
  const { traceparent, tracestate } = headers;
  return {
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    tracestate: typeof tracestate === 'string' ? tracestate : undefined,
  };
}

/** Where the caller reached the API. A `Host` that is no host is not repeated. */
function addressOf(request: FastifyRequest, { publicUrl }: ApiSettings): URL {
  const host = /^[\w.-]+(?::\d{1,5})?$|^\[[0-9a-fA-F:.]+\](?::\d{1,5})?$/.test(request.host)
    ? request.host
    : 'localhost';
  const origin = publicUrl ?? `${request.protocol === 'https' ? 'https' : 'http'}://${host}`;
  const base = URL.canParse(origin) ? origin : 'http://localhost';
  return new URL(`${new URL(base).pathname.replace(/\/$/, '')}${request.url}`, base);
}

/**
 * An answer that may be kept, by its caller alone and only if it asks each time whether it is still good: a kept answer that is
 * ended by a change must not live on in somebody's cache.
 */
function sendKept(request: FastifyRequest, reply: FastifyReply, body: string): FastifyReply {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  reply.header('etag', etag).header('cache-control', 'private, no-cache').header('vary', 'authorization');
  const known = (request.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return reply.status(304).send();
  return reply.type('application/json; charset=utf-8').send(body);
}
