import type { ReceivedMessage } from './received-message.ts';

/** A message from its receive until it is deleted or given back. */
export class MessageInHand {
  readonly message: ReceivedMessage;
  readonly aborter = new AbortController();
  /** Of the latest delivery: older handles may have lost their meaning. */
  receiptHandle: string;
  /** Until when SQS keeps the message hidden, as far as this process knows; on the monotonic clock (`performance.now()`). */
  hiddenUntil: number;
  /** False once its outcome is being carried out by a visibility change, which a heartbeat would undo. */
  extendable = true;

  constructor(message: ReceivedMessage, receiptHandle: string, hiddenUntil: number) {
    this.message = message;
    this.receiptHandle = receiptHandle;
    this.hiddenUntil = hiddenUntil;
  }
}

/** The messages in hand by MessageId: a message that is delivered again while in hand is still one message. */
export class MessagesInHand {
  readonly #hands = new Map<string, MessageInHand>();
  #emptyWaiters: (() => void)[] = [];

  get size(): number {
    return this.#hands.size;
  }

  get(messageId: string): MessageInHand | undefined {
    return this.#hands.get(messageId);
  }

  add(hand: MessageInHand): void {
    this.#hands.set(hand.message.messageId, hand);
  }

  remove(hand: MessageInHand): void {
    this.#hands.delete(hand.message.messageId);
    if (this.#hands.size > 0) return;
    for (const resolve of this.#emptyWaiters.splice(0)) resolve();
  }

  all(): MessageInHand[] {
    return [...this.#hands.values()];
  }

  /** Resolves when nothing is in hand. */
  async empty(): Promise<void> {
    if (this.#hands.size === 0) return;
    await new Promise<void>((resolve) => this.#emptyWaiters.push(resolve));
  }
}
