import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import { parseJsonExact } from '@furrow/contracts';
import { Histogram, LogDigest, type MetricsRegistry, type Operations } from '@furrow/runtime';
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from 'fastify';
import { AnswerCache } from './answer-cache.ts';
import { type ApiDeps, type ApiSettings, DEFAULT_SETTINGS, type ServerDeps } from './api-deps.ts';
import { authenticate, callerOf } from './authenticate.ts';
import { BindGuard } from './bind-guard.ts';
import { failure } from './envelope.ts';
import { ApiError, toApiError } from './errors.ts';
import { createOpenApiDocument } from './openapi/openapi-document.ts';
import { referencePageRoutes } from './openapi/reference-page.ts';
import { registerRoute, routerPath } from './register-route.ts';
import { ROUTES } from './routes.ts';
import { MAX_FILE_BYTES, serverOptions } from './server-options.ts';

/** What everything of the Open API lies below. */
export const API_PREFIX = '/api/v2';

/** What a multipart form adds around its file. */
const FORM_OVERHEAD_BYTES = 1024 * 1024;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/**
 * The Open API v2 as a Fastify instance that is not listening yet. Every answer of it has the envelope and an `X-Request-ID`. Beside
 * it stand, without a token: `/healthz`, `/readyz`, `/metrics`, and the API's own description.
 */
export function createServer(deps: ServerDeps): FastifyInstance {
  const settings = { ...DEFAULT_SETTINGS, ...deps.settings };
  const routeDeps: ApiDeps = { ...deps, answers: new AnswerCache(), bindGuard: new BindGuard() };
  const answerError = errorAnswerer(new LogDigest(deps.logger));
  const app: FastifyInstance = fastify({
    ...serverOptions(deps.logger, settings),
    frameworkErrors: answerError,
  });
  readExactJson(app);
  app.setNotFoundHandler((request) => {
    throw new ApiError('NOT_FOUND', `there is no ${request.method} ${request.url.split('?')[0]}`);
  });
  app.setErrorHandler(answerError);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
  });
  measureRequests(app, deps.metrics);
  operationsRoutes(app, deps.operations);
  referencePageRoutes(app, API_PREFIX, createOpenApiDocument(ROUTES, API_PREFIX));
  refuseOtherMethods(app);
  app.register((api) => openApiRoutes(api, routeDeps, settings), { prefix: API_PREFIX });
  return app;
}

async function openApiRoutes(api: FastifyInstance, deps: ApiDeps, settings: ApiSettings): Promise<void> {
  api.addHook('onRequest', (request) => authenticate(request, deps.registry));
  if (settings.requestsPerMinute > 0) {
    await api.register(rateLimit, {
      max: settings.requestsPerMinute,
      timeWindow: 60_000,
      keyGenerator: (request) => String(callerOf(request).id),
      errorResponseBuilder: (_request, { ttl }) =>
        new ApiError(
          'TOO_MANY_REQUESTS',
          `the token made more than ${settings.requestsPerMinute} requests in a minute`,
          {
            retryAfterSeconds: Math.ceil(ttl / 1000),
          },
        ),
    });
  }
  for (const route of ROUTES.filter(({ upload }) => !upload)) registerRoute(api, route, deps, settings);
  await api.register(async (uploads) => {
    await uploads.register(multipart, {
      limits: { fileSize: MAX_FILE_BYTES, files: 1, fields: 10, parts: 11 },
    });
    uploads.addHook('onRoute', (options) => {
      options.bodyLimit = MAX_FILE_BYTES + FORM_OVERHEAD_BYTES;
    });
    for (const route of ROUTES.filter(({ upload }) => upload)) registerRoute(uploads, route, deps, settings);
  });
}

/** A path that is there, asked by a method that is not, says which there are. */
function refuseOtherMethods(app: FastifyInstance): void {
  for (const [path, routes] of Map.groupBy(ROUTES, (route) => route.path)) {
    const allowed: readonly string[] = routes.map(({ method }) => method);
    app.route({
      method: METHODS.filter((method) => !allowed.includes(method)),
      url: API_PREFIX + routerPath(path),
      exposeHeadRoute: false,
      onRequest: async (request, reply) => {
        reply.header('allow', allowed.join(', '));
        throw new ApiError(
          'METHOD_NOT_ALLOWED',
          `${request.method} is not for this path; ${allowed.join(', ')} is`,
        );
      },
      handler: async () => {},
    });
  }
}

/** JSON bodies keep integers beyond 2^53; every other content type is refused. An empty body is no body. */
function readExactJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_request: FastifyRequest, body: string | Buffer) => {
      const text = String(body);
      if (text === '') return undefined;
      try {
        return parseJsonExact(text);
      } catch (error) {
        const rule = error instanceof Error ? error.message : String(error);
        throw new ApiError('BAD_REQUEST', `the body is not JSON: ${rule}`, { cause: error });
      }
    },
  );
}

/**
 * Answers every error by its envelope. What nobody foresaw is logged each time; of an outage, which fails every request alike, the first
 * is logged and the others of the same second are counted.
 */
function errorAnswerer(digest: LogDigest) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply) => {
    const answer = toApiError(error);
    // That a device is away is no fault of ours.
    if (answer.code === 'DEVICE_OFFLINE') request.log.debug({ err: error }, 'device offline');
    else if (answer.status === 503) {
      digest.write('error', 'requests failed', error.message.slice(0, 200), {
        requestId: request.id,
        err: error,
      });
    } else if (answer.status >= 500) request.log.error({ err: error }, 'request failed');
    reply.header('x-request-id', request.id);
    if (answer.retryAfterSeconds !== undefined) reply.header('retry-after', answer.retryAfterSeconds);
    if (answer.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer');
    return reply
      .status(answer.status)
      .type('application/json; charset=utf-8')
      .send(failure(answer, request.id));
  };
}

/** Durations by route, never by path: paths hold keys, and would make a series each. */
function measureRequests(app: FastifyInstance, registry: MetricsRegistry): void {
  const seconds = new Histogram({
    name: 'furrow_api_request_seconds',
    help: 'Duration of a request, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, url } = request;
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const path = url.split('?')[0];
    const durationMs = Math.round(reply.elapsedTime);
    request.log.debug({ method, path, status: reply.statusCode, durationMs }, 'request');
  });
}

function operationsRoutes(app: FastifyInstance, operations: Operations): void {
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    app.get(path, async (_request, reply) => {
      const answer = await operations(path);
      if (!answer) throw new ApiError('NOT_FOUND', `there is no ${path}`);
      return reply.status(answer.status).type(answer.contentType).send(answer.body);
    });
  }
}
