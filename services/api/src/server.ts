import { parseJsonExact } from '@furrow/contracts';
import type { UplinkProducer } from '@furrow/queue';
import { Histogram, type Logger, type MetricsRegistry, type Operations } from '@furrow/runtime';
import type { PointStore } from '@furrow/timeseries';
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import type { ApiRegistry } from './api-registry.ts';
import { authenticate } from './authenticate.ts';
import { failure } from './envelope.ts';
import { ApiError, toApiError } from './errors.ts';
import { createRequestId } from './request-id.ts';
import type { ResponseCache } from './response-cache.ts';
import { deviceDataRoutes } from './routes/device-data.ts';
import { factorDataRoutes } from './routes/factor-data.ts';

/** Largest request body in bytes (reference: "Maximum request body size: 10MB"). */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Seconds after which a caller should try again when a part of the system does not answer. */
const RETRY_AFTER_SECONDS = 5;

/** What the routes work with. */
export interface ApiDeps {
  readonly registry: ApiRegistry;
  readonly producer: Pick<UplinkProducer, 'send'>;
  readonly store: PointStore;
  readonly cache: ResponseCache;
  readonly operations: Operations;
  readonly metrics: MetricsRegistry;
  readonly logger: Logger;
  /** Gives each uplink its `received_at`, milliseconds since 1970 UTC; every reading later than the one before. */
  readonly receivedAt: () => number;
}

/** Every route of the Open API v2, one file per resource. */
const ROUTES = [deviceDataRoutes, factorDataRoutes];

/**
 * The Open API v2 as a Fastify instance that is not listening yet. Every answer of it has the envelope and an `X-Request-ID`;
 * `/healthz`, `/readyz` and `/metrics` stand beside it, without a token.
 */
export function createServer(deps: ApiDeps): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: MAX_BODY_BYTES,
    genReqId: createRequestId,
    requestIdHeader: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  });
  readExactJson(app);
  answerErrors(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  const seconds = requestSeconds(deps.metrics);
  app.addHook('onResponse', async (request, reply) => {
    const { method, url } = request;
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const details = {
      method,
      path: url.split('?')[0],
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime),
    };
    request.log.debug(details, 'request');
  });
  operationsRoutes(app, deps.operations);
  app.register(
    async (api) => {
      api.addHook('onRequest', (request) => authenticate(request, deps.registry));
      for (const routes of ROUTES) routes(api, deps);
    },
    { prefix: '/api/v2' },
  );
  return app;
}

/** Durations by route, never by path: paths hold keys, and would make a series each. */
function requestSeconds(registry: MetricsRegistry): Histogram<'method' | 'route' | 'status'> {
  return new Histogram({
    name: 'furrow_api_request_seconds',
    help: 'Duration of a request, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
}

/** JSON bodies keep integers beyond 2^53; every other content type is refused. */
function readExactJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_request: FastifyRequest, body: string | Buffer) => {
      try {
        return parseJsonExact(String(body));
      } catch (error) {
        const rule = error instanceof Error ? error.message : String(error);
        throw new ApiError('BAD_REQUEST', `the body is not JSON: ${rule}`, { cause: error });
      }
    },
  );
}

function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((request) => {
    throw new ApiError('NOT_FOUND', `there is no ${request.method} ${request.url.split('?')[0]}`);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const answer = toApiError(error);
    if (answer.status >= 500) request.log.error({ err: error }, 'request failed');
    if (answer.code === 'SERVICE_UNAVAILABLE') reply.header('retry-after', RETRY_AFTER_SECONDS);
    return reply.status(answer.status).send(failure(answer, request.id));
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
