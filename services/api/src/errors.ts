/** Codes of the error envelope, with the HTTP status that each is sent with. */
export const API_ERROR_STATUS = {
  BAD_REQUEST: 400,
  VALIDATION_ERROR: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  DEVICE_NOT_FOUND: 404,
  FACTOR_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const;

export type ApiErrorCode = keyof typeof API_ERROR_STATUS;

/** One field of a request that broke a rule. */
export interface FieldProblem {
  readonly name: string;
  readonly message: string;
}

/** An answer other than success, thrown by a route and turned into the error envelope by the server. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly fields: readonly FieldProblem[];
  readonly retryable: boolean;

  constructor(
    code: ApiErrorCode,
    message: string,
    options: { fields?: readonly FieldProblem[]; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryable = API_ERROR_STATUS[code] >= 500;
  }

  get status(): number {
    return API_ERROR_STATUS[this.code];
  }
}

/** Fastify's own errors that a caller can mend. */
const FASTIFY_CODES: Readonly<Record<string, readonly [ApiErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'the body is larger than 10 MB'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'UNSUPPORTED_MEDIA_TYPE',
    'the body is sent with "Content-Type: application/json"',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['BAD_REQUEST', 'the body is empty'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['BAD_REQUEST', 'Content-Length is not the length of the body'],
  FST_ERR_BAD_URL: ['BAD_REQUEST', 'the path is not a valid URL'],
};

/** Any error as an answer: what the caller can mend says how, a part that does not answer is 503, everything else is 500. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const known = error instanceof Error && 'code' in error ? FASTIFY_CODES[String(error.code)] : undefined;
  if (known) return new ApiError(known[0], known[1], { cause: error });
  if (error instanceof Error && 'retryable' in error && error.retryable === true) {
    return new ApiError('SERVICE_UNAVAILABLE', 'a part of the system does not answer; try again', {
      cause: error,
    });
  }
  return new ApiError('INTERNAL_ERROR', 'the server made a mistake', { cause: error });
}
