import { setMaxListeners } from 'node:events';

/** A signal of its own that follows others. Whoever made it calls `release` when its work is over. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  stop(reason: unknown): void;
  release(): void;
}

/**
 * A signal that fires when one of `parents` does, or after `timeoutMs`, or at `stop`; the first reason stays. Unlike
 * `AbortSignal.any` and `AbortSignal.timeout` it leaves nothing behind on parents that outlive it.
 */
export function linkSignal(parents: readonly (AbortSignal | undefined)[], timeoutMs?: number): LinkedSignal {
  const controller = new AbortController();
  // As many may wait on it, and on its parents, as there are calls in flight.
  setMaxListeners(0, controller.signal);
  const following = parents.flatMap((parent) => {
    if (parent === undefined) return [];
    const follow = () => controller.abort(parent.reason);
    if (parent.aborted) follow();
    else parent.addEventListener('abort', follow, { once: true });
    return [{ parent, follow }];
  });
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          controller.abort(new DOMException(`not done within ${timeoutMs} ms`, 'TimeoutError'));
        }, timeoutMs);
  return {
    signal: controller.signal,
    stop: (reason) => controller.abort(reason),
    release() {
      clearTimeout(timer);
      for (const { parent, follow } of following) parent.removeEventListener('abort', follow);
    },
  };
}
