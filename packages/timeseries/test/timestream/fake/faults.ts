/** A call as the fake sees it, for deciding whether to break it. */
export interface FakeCall {
  /** `WriteRecords`, `Query`, … */
  readonly operation: string;
  /** How many calls of this operation came before, over all connections. */
  readonly nth: number;
}

/** What goes wrong with a call. `after`: the call does its work first, and only its answer is lost or replaced. */
export type Fault =
  | {
      readonly kind: 'error';
      readonly type: string;
      readonly status: number;
      readonly message: string;
      readonly after?: boolean;
    }
  /** The connection breaks without an answer. */
  | { readonly kind: 'drop'; readonly after?: boolean }
  /** The answer comes late. */
  | { readonly kind: 'delay'; readonly ms: number };

export const throttle: Fault = {
  kind: 'error',
  type: 'ThrottlingException',
  status: 429,
  message: 'Request was throttled.',
};

export const innerFailure: Fault = {
  kind: 'error',
  type: 'InternalServerException',
  status: 500,
  message: 'Something went wrong.',
};

export function denied(action: string): Fault {
  return {
    kind: 'error',
    type: 'AccessDeniedException',
    status: 403,
    message: `User: arn:aws:iam::123456789012:user/worker is not authorized to perform: timestream:${action} on resource: arn:aws:timestream:us-east-1:123456789012:database/furrow/table/points because no identity-based policy allows the timestream:${action} action`,
  };
}

/** An answer of the service that is an error, as its JSON protocol has it. */
export class ServiceError extends Error {
  readonly type: string;
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(type: string, status: number, message: string, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.type = type;
    this.status = status;
    this.fields = fields;
  }
}

export const validation = (message: string): ServiceError =>
  new ServiceError('ValidationException', 400, message);
