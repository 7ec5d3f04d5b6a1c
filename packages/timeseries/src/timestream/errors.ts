import {
  StoreAbortedError,
  StoreBusyError,
  StoreError,
  StoreSetupError,
  StoreUnavailableError,
} from '../errors.ts';
import type { Target } from './encode-call.ts';

/** What a failed call to Timestream means for the caller. */
export type FailureKind =
  /** The service asks to slow down; the same call succeeds later. */
  | 'throttled'
  /** Nothing answered in time, or the service failed inside; whether a write happened is unknown. */
  | 'unavailable'
  /** Credentials or permissions are missing. */
  | 'denied'
  /** There is no such database or table. */
  | 'missing'
  /** The request itself is refused, whatever the time. */
  | 'invalid';

export interface Failure {
  readonly kind: FailureKind;
  /** The service's or the system's name for it: `ThrottlingException`, `ECONNREFUSED`. */
  readonly code: string;
  readonly message: string;
}

const THROTTLES: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'SlowDown',
]);
const DENIALS: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'AccessDenied',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'MissingAuthenticationTokenException',
  'ExpiredTokenException',
  'ExpiredToken',
  'CredentialsProviderError',
]);
/** How a query names a database or table that is not there, in a ValidationException. */
const MISSING_IN_QUERY = /^(?:Requested )?(?:database|table|schema) .*(?:not found|does not exist)/i;
/** Causes are looked into this deep: the SDK wraps the failure of endpoint discovery once. */
const DEEPEST_CAUSE = 3;

/** Reads whatever the SDK rejected with. What it does not know may pass, so that nothing is refused by mistake. */
export function readFailure(error: unknown, depth = 0): Failure {
  // "The operation to discover endpoint failed" carries the real failure as `reason`.
  const reason = fieldOf(error, 'reason');
  if (reason instanceof Error && depth < DEEPEST_CAUSE) return readFailure(reason, depth + 1);
  const name = textOf(error, 'name');
  const code = name !== undefined && name !== 'Error' ? name : (textOf(error, 'code') ?? 'unknown failure');
  const message = error instanceof Error ? error.message : String(error);
  return { kind: kindOf(code, statusOf(error), message), code, message };
}

function kindOf(code: string, status: number | undefined, message: string): FailureKind {
  if (THROTTLES.has(code) || status === 429) return 'throttled';
  if (DENIALS.has(code)) return 'denied';
  if (code === 'ResourceNotFoundException') return 'missing';
  if (code !== 'ValidationException') return 'unavailable';
  return MISSING_IN_QUERY.test(message) ? 'missing' : 'invalid';
}

/** True for what the service answers when it asks to slow down. */
export function isThrottle(error: unknown): boolean {
  return readFailure(error).kind === 'throttled';
}

/** The typed error for a call that failed; `action` is the permission it needs, `resource` what it is about. */
export function storeError(
  action: string,
  resource: string,
  cause: unknown,
  signal?: AbortSignal,
): StoreError {
  if (cause instanceof StoreError) return cause;
  if (signal?.aborted) return new StoreAbortedError(signal);
  const failure = readFailure(cause);
  if (failure.kind === 'throttled') {
    return new StoreBusyError(`Timestream throttles ${action}: ${failure.message}`);
  }
  if (failure.kind === 'denied' || failure.kind === 'missing') {
    return new StoreSetupError([setupProblem(action, resource, failure)], { cause });
  }
  return new StoreUnavailableError(`${action} on ${resource} failed: ${failure.code}: ${failure.message}`, {
    cause,
  });
}

/** How messages call the table. */
export function tableName({ database, table }: Target): string {
  return `table ${table} of database ${database}`;
}

const NAMED_ACTION = /not authorized to perform: ([a-z0-9-]+:\w+)/i;

/** What a person must change after a denial or a missing resource, with its name in it. */
export function setupProblem(action: string, resource: string, failure: Failure): string {
  if (failure.kind === 'missing') return `${resource} is missing (${failure.message})`;
  // The service names the permission that it missed, which may be that of endpoint discovery.
  const permission = NAMED_ACTION.exec(failure.message)?.[1] ?? action;
  return `the permission ${permission} on ${resource} is missing (${failure.code}: ${failure.message})`;
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}

function textOf(value: unknown, field: string): string | undefined {
  const text = fieldOf(value, field);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function statusOf(value: unknown): number | undefined {
  const status = fieldOf(fieldOf(value, '$metadata'), 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}
