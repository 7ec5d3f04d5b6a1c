/** What every error about the broker is. `retryable`: the same call may succeed later. */
export class BrokerError extends Error {
  readonly code = 'BROKER_FAILED';
  readonly retryable: boolean;
  override readonly name = 'BrokerError';

  constructor(message: string, options: ErrorOptions & { readonly retryable?: boolean } = {}) {
    super(message, options);
    this.retryable = options.retryable ?? true;
  }
}
