/** What a failed call to SQS means for the caller. */
export interface AwsFailure {
  /** The service's or the system's name for it: `RequestThrottled`, `ECONNREFUSED`. */
  readonly code: string;
  readonly message: string;
  /** HTTP status of the answer; undefined when nothing answered. */
  readonly status: number | undefined;
  /** True when the same call can succeed later without any change. */
  readonly retryable: boolean;
}

/** Refusals of the 4xx class that pass by themselves. */
const PASSING_REFUSALS: ReadonlySet<string> = new Set([
  'RequestThrottled',
  'RequestThrottledException',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'OverLimit',
  'KmsThrottled',
  'RequestTimeout',
  'RequestTimeoutException',
  'ExpiredToken',
  'ExpiredTokenException',
]);

/** Reads whatever the SDK rejected with. A refusal by the service is final unless it is a throttle; all else may pass. */
export function readAwsFailure(error: unknown): AwsFailure {
  const code = textOf(error, 'code') ?? textOf(error, 'name') ?? 'Unknown';
  const name = textOf(error, 'name') ?? code;
  const status = statusOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const refused = status !== undefined && status >= 400 && status < 500 && status !== 429;
  const final = (refused && !isPassing(name) && !isPassing(code)) || name === 'CredentialsProviderError';
  return { code: shortCode(refused ? name : code), message: message || code, status, retryable: !final };
}

/** `AWS.SimpleQueueService.NonExistentQueue` and `com.amazonaws.sqs#QueueDoesNotExist` without their prefixes. */
function shortCode(code: string): string {
  return code.slice(Math.max(code.lastIndexOf('#'), code.lastIndexOf('.')) + 1);
}

function isPassing(code: string): boolean {
  return PASSING_REFUSALS.has(shortCode(code));
}

function statusOf(error: unknown): number | undefined {
  const metadata = property(error, '$metadata');
  const status = property(metadata, 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}

function textOf(value: unknown, key: string): string | undefined {
  const found = property(value, key);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
