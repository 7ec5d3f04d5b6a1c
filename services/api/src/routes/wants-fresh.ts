import type { FastifyRequest } from 'fastify';

/** True when the request says `Cache-Control: no-cache`: an answer that was kept will not do. */
export function wantsFresh(request: FastifyRequest): boolean {
  return /\bno-(cache|store)\b/i.test(request.headers['cache-control'] ?? '');
}
