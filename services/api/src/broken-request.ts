import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { failure } from './envelope.ts';
import { ApiError } from './errors.ts';
import { createRequestId } from './request-id.ts';

const ERRORS: Readonly<Record<string, () => ApiError>> = {
  ERR_HTTP_REQUEST_TIMEOUT: () => new ApiError('REQUEST_TIMEOUT', 'the request took too long to come'),
  HPE_HEADER_OVERFLOW: () => new ApiError('HEADERS_TOO_LARGE', 'the headers are larger than 16 KiB'),
};

/** Answers what is no HTTP request, or never becomes one, in the envelope, and closes the connection. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer = ERRORS[error.code ?? '']?.() ?? new ApiError('BAD_REQUEST', 'this is no HTTP request');
  const requestId = createRequestId();
  const body = JSON.stringify(failure(answer, requestId));
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
