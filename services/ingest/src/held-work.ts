import type { Dependency, IntakeBreaker } from './intake-breaker.ts';

/**
 * Does `work` with a dependency, and while that is out, waits and does it again: the message keeps its lease, and the outage costs it no
 * further receive. Rejects when the signal aborts, when the breaker closes, or at once with an error that `isFinal` says no waiting mends.
 */
export async function held<T>(
  breaker: IntakeBreaker,
  dependency: Dependency,
  signal: AbortSignal,
  work: () => Promise<T>,
  isFinal: (error: unknown) => boolean = () => false,
): Promise<T> {
  // What answers a part of the questions from memory is asked first: others may be waiting for an answer that is not there.
  let firstTry = (dependency.tolerated ?? 0) > 0;
  for (;;) {
    if (!firstTry) await breaker.turn(dependency, signal);
    firstTry = false;
    try {
      const result = await work();
      breaker.worked(dependency);
      return result;
    } catch (error) {
      if (signal.aborted || isFinal(error)) throw error;
      breaker.failed(dependency, error instanceof Error ? error.message : String(error));
    }
  }
}
