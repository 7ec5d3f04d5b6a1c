import type { AccessToken, TokenRefusal } from '@furrow/registry';
import type { FastifyRequest } from 'fastify';
import type { ApiRegistry } from './api-registry.ts';
import { ApiError } from './errors.ts';

const REFUSALS: Readonly<Record<TokenRefusal, string>> = {
  unknown: 'the token is not valid',
  inactive: 'the token is not active',
  expired: 'the token has expired',
  org_invalid: "the token's organization is not valid",
};

/** The caller of each request under way, from its verification to its end. */
const callers = new WeakMap<FastifyRequest, AccessToken>();

/** Verifies `Authorization: Bearer <token>`; throws UNAUTHORIZED with the condition that is not met. */
export async function authenticate(request: FastifyRequest, registry: ApiRegistry): Promise<void> {
  const [scheme = '', token = '', ...rest] = (request.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'bearer' || token === '' || rest.length > 0) {
    throw new ApiError('UNAUTHORIZED', 'the request needs the header "Authorization: Bearer <token>"');
  }
  const verdict = await registry.verifyToken(token);
  if (!verdict.ok) throw new ApiError('UNAUTHORIZED', REFUSALS[verdict.reason]);
  callers.set(request, verdict.token);
}

/** The verified caller of a request behind {@link authenticate}. */
export function callerOf(request: FastifyRequest): AccessToken {
  const caller = callers.get(request);
  if (!caller) throw new ApiError('UNAUTHORIZED', 'the request was not authenticated');
  return caller;
}

/** Throws FORBIDDEN unless the token reaches the project. A token without a list of projects reaches all of its organization. */
export function requireProject(caller: AccessToken, projectId: string): void {
  if (caller.projects === null) return;
  if (caller.projects.includes(projectId)) return;
  throw new ApiError('FORBIDDEN', 'the token does not reach this project');
}

/** Throws FORBIDDEN unless the token may change and send things. */
export function requireManager(caller: AccessToken): void {
  if (caller.role !== 'manager')
    throw new ApiError('FORBIDDEN', 'the token has the role reader; this needs the role manager');
}
