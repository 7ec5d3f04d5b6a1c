import { RegistryUnavailable } from '../errors.ts';

export interface Deadline {
  /** Stops the waiting, not what is waited for; throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** After so long the waiting ends with {@link RegistryUnavailable}. */
  readonly milliseconds?: number | undefined;
}

/** Waits for `promise`, but no longer than the deadline says. What comes after it, also an error, is dropped. */
export function withDeadline<T>(promise: Promise<T>, { signal, milliseconds }: Deadline): Promise<T> {
  if (signal === undefined && milliseconds === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const late = () =>
      reject(new RegistryUnavailable(`the registry did not answer within ${milliseconds} ms`));
    const timer = milliseconds === undefined ? undefined : setTimeout(late, milliseconds);
    const abort = () => reject(signal?.reason);
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    promise.finally(done).then(resolve, reject);
  });
}
