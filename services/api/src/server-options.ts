import type { Server } from 'node:http';
import type { Logger } from '@furrow/runtime';
import { type FastifyBaseLogger, type FastifyHttpOptions, LogController } from 'fastify';
import type { ApiSettings } from './api-deps.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { requestIdOf } from './request-id.ts';

/** Largest request body in bytes (reference: "Maximum request body size: 10MB"). */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Largest uploaded file in bytes (reference: "Maximum file upload size: 50MB"). */
export const MAX_FILE_BYTES = 50 * 1024 * 1024;

/** All the headers of a request together, in bytes. */
const MAX_HEADER_BYTES = 16 * 1024;

/** How long the headers of a request may take to come, and the whole of it: 10 MB over a slow mobile link, but no more. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 120_000;

/** How long a connection may be silent within a request, and between two. Load balancers keep theirs for 60 seconds. */
const SOCKET_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** The limits that hold before any route is known. */
export function serverOptions(logger: Logger, settings: ApiSettings): FastifyHttpOptions<Server> {
  return {
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: MAX_BODY_BYTES,
    connectionTimeout: SOCKET_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS },
    trustProxy: settings.trustProxy,
    genReqId: requestIdOf,
    requestIdHeader: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    clientErrorHandler: answerBrokenRequest,
  };
}
