import type { Random } from '../bench/random.ts';

/** The share of requests, receives or messages that each kind of trouble hits; 0 is none, 1 is all. */
export interface SqsFaultShares {
  /** Requests answered with 500. */
  errors: number;
  /** Requests answered with RequestThrottled. */
  throttles: number;
  /** Messages delivered twice: again in the same answer, or once more a moment later. */
  duplicates: number;
  /** Messages whose receipt handle means nothing any more before they are deleted. */
  expiredReceipts: number;
  /** Deletes that are carried out and not answered. */
  lostDeletes: number;
  /** Sends that are carried out and not answered. */
  lostSends: number;
  /** Receives whose answer breaks off in the middle. */
  cutReceives: number;
}

/** What the proxies have seen and done. */
export interface SqsFaultCounts {
  delivered: number;
  /** Messages that came with a receive count above 1. */
  redelivered: number;
  /** The highest receive count that a message came with. */
  mostDeliveries: number;
  duplicated: number;
  failedRequests: number;
  expiredReceipts: number;
  lostAnswers: number;
  cutReceives: number;
}

/** The state of the SQS faults, shared by the proxies of all processes. */
export class SqsFaults {
  readonly counts: SqsFaultCounts = {
    delivered: 0,
    redelivered: 0,
    mostDeliveries: 0,
    duplicated: 0,
    failedRequests: 0,
    expiredReceipts: 0,
    lostAnswers: 0,
    cutReceives: 0,
  };
  readonly #shares: SqsFaultShares = {
    errors: 0,
    throttles: 0,
    duplicates: 0,
    expiredReceipts: 0,
    lostDeletes: 0,
    lostSends: 0,
    cutReceives: 0,
  };
  readonly #random: Random;
  #stalled: PromiseWithResolvers<void> | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  set(kind: keyof SqsFaultShares, share: number): void {
    this.#shares[kind] = share;
  }

  /** True for the share of calls that `kind` is to hit now. */
  hits(kind: keyof SqsFaultShares): boolean {
    return this.#shares[kind] > 0 && this.#random() < this.#shares[kind];
  }

  /** From now on requests wait in {@link passed} until `goOn`. */
  stall(): void {
    this.#stalled ??= Promise.withResolvers();
  }

  goOn(): void {
    this.#stalled?.resolve();
    this.#stalled = undefined;
  }

  /** Resolves when SQS is not stalled. */
  async passed(): Promise<void> {
    await this.#stalled?.promise;
  }

  /** Ends every fault but the duplicates, which even a healthy queue delivers. */
  calm(): void {
    for (const kind of Object.keys(this.#shares) as (keyof SqsFaultShares)[])
      if (kind !== 'duplicates') this.#shares[kind] = 0;
    this.goOn();
  }
}
