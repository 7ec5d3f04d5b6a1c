import type { EntryFailure } from '../request-batcher.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { MessageInHand, MessagesInHand } from './messages-in-hand.ts';

export interface HeartbeatOptions {
  readonly hands: MessagesInHand;
  readonly acknowledger: Acknowledger;
  readonly visibilityTimeoutSeconds: number;
  /** An extension failed although the message is still in hand: it may be delivered to somebody else. */
  readonly onFailure: (hand: MessageInHand, failure: EntryFailure) => void;
}

/** Ticks per visibility timeout, and the share of it below which a lease is renewed: each has two more chances after a failed one. */
const TICKS_PER_LEASE = 4;
const RENEW_BELOW = 0.6;

/** Keeps every message in hand hidden from other consumers for as long as it is in hand. Returns what stops it. */
export function startHeartbeat(options: HeartbeatOptions): () => void {
  const leaseMs = options.visibilityTimeoutSeconds * 1000;
  const renew = (): void => {
    const soon = performance.now() + leaseMs * RENEW_BELOW;
    for (const hand of options.hands.all()) {
      if (hand.extendable && hand.hiddenUntil < soon) void extend(hand, options);
    }
  };
  const timer = setInterval(renew, leaseMs / TICKS_PER_LEASE);
  return () => clearInterval(timer);
}

async function extend(hand: MessageInHand, options: HeartbeatOptions): Promise<void> {
  const { receiptHandle } = hand;
  const seconds = options.visibilityTimeoutSeconds;
  const hiddenUntil = performance.now() + seconds * 1000;
  const result = await options.acknowledger.changeVisibility(receiptHandle, seconds);
  const overtaken = receiptHandle !== hand.receiptHandle;
  const gone = options.hands.get(hand.message.messageId) !== hand || !hand.extendable;
  if (overtaken || gone) return;
  if (result.ok) hand.hiddenUntil = hiddenUntil;
  else options.onFailure(hand, result.failure);
}
