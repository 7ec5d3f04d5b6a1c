import { randomBytes } from 'node:crypto';

/** The id of a request: 32 hexadecimal characters, the longest that the API's conventions allow. */
export function createRequestId(): string {
  return randomBytes(16).toString('hex');
}
