import type { SQSClient } from '@aws-sdk/client-sqs';
import { Acknowledger } from '../consumer/acknowledger.ts';
import type { EntryResult } from '../request-batcher.ts';

/** A lease is renewed when less than this share of it is left, looked at this many times within it. */
const RENEW_BELOW = 0.6;
const TICKS_PER_LEASE = 4;

interface Lease {
  receiptHandle: string;
  hiddenUntil: number;
}

/**
 * Messages that somebody looks at: hidden from all others, renewed until each is deleted or given back. A process that dies gives its
 * messages back when the visibility timeout ends.
 */
export class MessageLeases {
  readonly #acknowledger: Acknowledger;
  readonly #leaseMs: number;
  readonly #leases = new Map<string, Lease>();
  readonly #deleted = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(client: SQSClient, queueUrl: string, visibilityTimeoutSeconds: number) {
    this.#acknowledger = new Acknowledger(client, queueUrl);
    this.#leaseMs = visibilityTimeoutSeconds * 1000;
    this.#timer = setInterval(() => this.#renew(), this.#leaseMs / TICKS_PER_LEASE);
    this.#timer.unref();
  }

  /** How many messages are held. */
  get size(): number {
    return this.#leases.size;
  }

  /**
   * Takes a message that was just received. False when it is no new one: held already (its newer receipt is kept), or deleted and
   * delivered once more (it is deleted again).
   */
  take(messageId: string, receiptHandle: string): boolean {
    if (this.#deleted.has(messageId)) {
      void this.#acknowledger.delete(receiptHandle);
      return false;
    }
    const isNew = !this.#leases.has(messageId);
    this.#leases.set(messageId, { receiptHandle, hiddenUntil: performance.now() + this.#leaseMs });
    return isNew;
  }

  /** Deletes a held message for good. When SQS does not accept that, the message stays held, to be given back. */
  async delete(messageId: string): Promise<EntryResult> {
    const lease = this.#leases.get(messageId);
    if (!lease) return { ok: true };
    const result = await this.#acknowledger.delete(lease.receiptHandle);
    if (result.ok) {
      this.#leases.delete(messageId);
      this.#deleted.add(messageId);
    }
    return result;
  }

  /** Gives every held message back at once and ends the renewing. What SQS does not take comes back by its timeout. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const leases = [...this.#leases.values()];
    this.#leases.clear();
    await Promise.all(
      leases.map(({ receiptHandle }) => this.#acknowledger.changeVisibility(receiptHandle, 0)),
    );
  }

  #renew(): void {
    const soon = performance.now() + this.#leaseMs * RENEW_BELOW;
    for (const [messageId, lease] of this.#leases) {
      if (lease.hiddenUntil < soon) void this.#extend(messageId, lease);
    }
  }

  async #extend(messageId: string, lease: Lease): Promise<void> {
    const hiddenUntil = performance.now() + this.#leaseMs;
    const { receiptHandle } = lease;
    const result = await this.#acknowledger.changeVisibility(receiptHandle, this.#leaseMs / 1000);
    if (!result.ok) return;
    // Given back while the extension was under way: the extension may have come last.
    if (!this.#leases.has(messageId) && !this.#deleted.has(messageId)) {
      await this.#acknowledger.changeVisibility(receiptHandle, 0);
    }
    lease.hiddenUntil = hiddenUntil;
  }
}
