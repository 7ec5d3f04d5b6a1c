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
  REQUEST_TIMEOUT: 408,
  CONFLICT: 409,
  DEVICE_ALREADY_BOUND: 409,
  PAYLOAD_TOO_LARGE: 413,
  URI_TOO_LONG: 414,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INVALID_COMMAND: 422,
  TOO_MANY_REQUESTS: 429,
  HEADERS_TOO_LARGE: 431,
  INTERNAL_ERROR: 500,
  DEVICE_COMMAND_FAILED: 500,
  SERVICE_UNAVAILABLE: 503,
  /** The documents' 503 for a device that was not heard of lately. */
  DEVICE_OFFLINE: 503,
} as const;

export type ApiErrorCode = keyof typeof API_ERROR_STATUS;

/** Seconds after which a caller should try again when a part of the system does not answer. */
const RETRY_AFTER_SECONDS = 5;

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
  /** Seconds after which the same request may succeed; sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ApiErrorCode,
    message: string,
    options: { fields?: readonly FieldProblem[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryable = API_ERROR_STATUS[code] >= 500;
    this.retryAfterSeconds =
      options.retryAfterSeconds ?? (code === 'SERVICE_UNAVAILABLE' ? RETRY_AFTER_SECONDS : undefined);
  }

  get status(): number {
    return API_ERROR_STATUS[this.code];
  }
}

/** Errors of the libraries and rooms below that a caller can mend, by their code. */
const KNOWN_CODES: Readonly<Record<string, readonly [ApiErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'the body is larger than 10 MB'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'UNSUPPORTED_MEDIA_TYPE',
    'the body is sent with "Content-Type: application/json"',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['BAD_REQUEST', 'the body is empty'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['BAD_REQUEST', 'Content-Length is not the length of the body'],
  FST_ERR_BAD_URL: ['BAD_REQUEST', 'the path is not a valid URL'],
  FST_ERR_MAX_PARAM_LENGTH: ['URI_TOO_LONG', 'a part of the path is too long'],
  FST_REQ_FILE_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'the file is larger than 50 MB'],
  FST_FILES_LIMIT: ['PAYLOAD_TOO_LARGE', 'the form has more than one file'],
  FST_FIELDS_LIMIT: ['PAYLOAD_TOO_LARGE', 'the form has too many fields'],
  FST_PARTS_LIMIT: ['PAYLOAD_TOO_LARGE', 'the form has too many parts'],
  FST_INVALID_MULTIPART_CONTENT_TYPE: [
    'UNSUPPORTED_MEDIA_TYPE',
    'the body is sent with "Content-Type: multipart/form-data"',
  ],
  FST_PROTO_VIOLATION: ['BAD_REQUEST', 'a field of the form has a name that is not allowed'],
  /** A rule between rows that another request broke first. */
  REGISTRY_CONFLICT: ['CONFLICT', 'the change meets another one that came first; look again and repeat it'],
};

/** Any error as an answer: what the caller can mend says how, a part that does not answer is 503, everything else is 500. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const known = error instanceof Error && 'code' in error ? KNOWN_CODES[String(error.code)] : undefined;
  if (known) return new ApiError(known[0], known[1], { cause: error });
  if (error instanceof Error && 'retryable' in error && error.retryable === true) {
    return new ApiError('SERVICE_UNAVAILABLE', 'a part of the system does not answer; try again', {
      cause: error,
    });
  }
  return new ApiError('INTERNAL_ERROR', 'the server made a mistake', { cause: error });
}
