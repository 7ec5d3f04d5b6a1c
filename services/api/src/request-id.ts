import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What an id of the caller's own is made of. The API's conventions allow at most 32 characters. */
const GOOD_ID = /^[A-Za-z0-9._-]{1,32}$/;

/** The id of a request: the caller's `X-Request-ID` when it is a good one, otherwise 32 hexadecimal characters. */
export function requestIdOf({ headers }: { readonly headers: IncomingHttpHeaders }): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && GOOD_ID.test(given) ? given : createRequestId();
}

/** A new id: 32 hexadecimal characters. */
export function createRequestId(): string {
  return randomBytes(16).toString('hex');
}
