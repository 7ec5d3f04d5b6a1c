import type { ApiError, FieldProblem } from './errors.ts';

/** The form of every answer (reference: "Response Format"). */
export interface SuccessEnvelope<T> {
  readonly success: true;
  readonly data: T;
  readonly error: null;
}

export interface ErrorEnvelope {
  readonly success: false;
  readonly data: null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly request_id: string;
    readonly fields?: readonly FieldProblem[];
  };
}

export function success<T>(data: T): SuccessEnvelope<T> {
  return { success: true, data, error: null };
}

export function failure(error: ApiError, requestId: string): ErrorEnvelope {
  const fields = error.fields.length > 0 ? { fields: error.fields } : {};
  return {
    success: false,
    data: null,
    error: { code: error.code, message: error.message, request_id: requestId, ...fields },
  };
}
