import { readAwsFailure } from './aws-failure.ts';
import { QueueCheckError, type QueueProblem } from './errors.ts';

/** Makes a call about a queue; what it rejects with becomes a QueueCheckError that says what is missing. */
export async function checkedCall<T>(queue: string, action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const failure = readAwsFailure(error);
    const problem = problemOf(failure.code, failure.status);
    throw new QueueCheckError(
      {
        queue,
        problem,
        action,
        message: SENTENCES[problem](action, `${failure.code}: ${failure.message}`),
        retryable: failure.retryable,
      },
      { cause: error },
    );
  }
}

const SENTENCES: Readonly<Record<QueueProblem, (action: string, detail: string) => string>> = {
  missing: (_action, detail) => `there is no such queue in this account and region (${detail})`,
  denied: (action, detail) => `the credentials lack the permission ${action} (${detail})`,
  unreachable: (action, detail) => `nothing answered ${action} (${detail})`,
  refused: (action, detail) => `${action} was refused (${detail})`,
};

const MISSING_CODES: readonly string[] = ['QueueDoesNotExist', 'NonExistentQueue', 'InvalidAddress'];

function problemOf(code: string, status: number | undefined): QueueProblem {
  if (MISSING_CODES.includes(code)) return 'missing';
  if (status === undefined) return code === 'CredentialsProviderError' ? 'denied' : 'unreachable';
  if (status === 401 || status === 403 || /AccessDenied|Unauthorized|InvalidClientToken/.test(code)) {
    return 'denied';
  }
  return 'refused';
}
