/**
 * Wakes who waits for a turn at a device when another command of it has ended in this process. Other processes cannot be heard, so
 * every wait has an end of its own as well.
 */
export class DeviceTurns {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Resolves when a command of the device has ended, after `longestMs`, or when `signal` aborts. */
  async wait(device: string, longestMs: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(device) ?? new Set();
      this.#waiting.set(device, waiting);
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(device) === waiting) this.#waiting.delete(device);
        resolve();
      };
      const timer = setTimeout(wake, longestMs);
      waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
    });
  }

  /** A command of the device has ended. */
  ended(device: string): void {
    for (const wake of [...(this.#waiting.get(device) ?? [])]) wake();
  }
}
