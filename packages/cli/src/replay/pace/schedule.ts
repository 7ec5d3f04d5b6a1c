/** How fast messages are sent. */
export type Rate =
  /** As their times say, `speed` times as fast. */
  | { readonly kind: 'recorded'; readonly speed: number }
  /** So many readings a second. */
  | { readonly kind: 'fixed'; readonly readingsPerSecond: number }
  /** As soon as a connection is free. */
  | { readonly kind: 'fast' };

/** Says when each message is to be sent, whatever became of those before it: that is what makes a load open-loop. */
export class Schedule {
  readonly #rate: Rate;
  #origin: number | undefined;
  #readings = 0;
  #lastMs = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /**
   * When the next message is due, in milliseconds since the start; never before the one before it. Undefined when it is due as soon as
   * it can be sent. `arrivedAt` is its recorded time in milliseconds since 1970 UTC; without one it is due with the message before.
   */
  next(arrivedAt: number | undefined, readings: number): number | undefined {
    const rate = this.#rate;
    if (rate.kind === 'fast') return undefined;
    if (rate.kind === 'fixed') {
      this.#lastMs = (this.#readings * 1000) / rate.readingsPerSecond;
      this.#readings += readings;
      return this.#lastMs;
    }
    if (arrivedAt !== undefined) {
      this.#origin ??= arrivedAt;
      this.#lastMs = Math.max(this.#lastMs, (arrivedAt - this.#origin) / rate.speed);
    }
    return this.#lastMs;
  }
}

/** The rate, for people. */
export function describeRate(rate: Rate): string {
  if (rate.kind === 'fast') return 'as fast as possible';
  if (rate.kind === 'fixed') return `${rate.readingsPerSecond.toLocaleString('en-US')} readings/s`;
  return rate.speed === 1 ? 'as recorded' : `${rate.speed} × as recorded`;
}
