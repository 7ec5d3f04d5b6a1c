import { DrizzleQueryError } from 'drizzle-orm';
import { RegistryConflictError, RegistryError, RegistryQueryError, RegistryUnavailable } from '../errors.ts';

/** The SQLSTATE of the trigger that refuses an agri_id under or above another organization's (migration 0001). */
const FOREIGN_PREFIX = 'FUR01';

/**
 * SQLSTATEs, or their classes, after which the same statement may succeed: connection lost, no resources, shutting down,
 * not in time, locked, serialization and deadlock (PostgreSQL manual, appendix A).
 */
const TRANSIENT = ['08', '53', '57P', '57014', '55P03', '40001', '40P01', '58'];

/** What node says when there is no connection. */
const NO_CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What pg and PGlite say, without a code, when the connection is gone or did not come in time. */
const NO_ANSWER =
  /connection (?:terminated|ended|error)|client was closed|timeout|pool after calling end|pglite is clos/i;

/**
 * Any error of the database as an error of this package; one that is one already stays. The statement and its parameters,
 * which may be secret, are left behind. `otherwise` makes the error of a cause that is neither transient nor a conflict.
 */
export function asRegistryError(
  error: unknown,
  otherwise: (cause: unknown) => RegistryError = queryError,
): RegistryError {
  if (error instanceof RegistryError) return error;
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  const code = codeOf(cause);
  if (isTransient(cause, code)) {
    return new RegistryUnavailable(`the registry does not answer: ${messageOf(cause)}`, { cause });
  }
  // Class 23 is integrity constraints: a unique name, a reference.
  if (code === FOREIGN_PREFIX || code.startsWith('23')) {
    return new RegistryConflictError([[messageOf(cause), detailOf(cause)].filter(Boolean).join(': ')], {
      cause,
    });
  }
  return otherwise(cause);
}

/** Runs a query, its errors turned into this package's. */
export async function inRegistry<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    throw asRegistryError(error);
  }
}

function queryError(cause: unknown): RegistryError {
  return new RegistryQueryError(`the registry refused a statement: ${messageOf(cause)}`, { cause });
}

function isTransient(cause: unknown, code: string): boolean {
  if (NO_CONNECTION.has(code) || TRANSIENT.some((state) => code.startsWith(state))) return true;
  return code === '' && NO_ANSWER.test(messageOf(cause));
}

function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(messageOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}

function detailOf(cause: unknown): string {
  return cause instanceof Error && 'detail' in cause && typeof cause.detail === 'string' ? cause.detail : '';
}
