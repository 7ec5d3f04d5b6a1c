import type { ReceivedMessage } from '@furrow/queue';
import { Ledger, type MessageAccount } from './ledger.ts';

/** A message in hand, as the books see it. */
export interface BookEntry {
  readonly account: MessageAccount;
  /** When each of its points was durable, milliseconds since 1970 UTC; undefined before. */
  storedAt: number | undefined;
}

/** The ledger, and the entry of each message in hand by its MessageId. */
export class MessageBooks {
  readonly ledger = new Ledger();
  readonly #entries = new Map<string, BookEntry>();

  receive({ messageId }: ReceivedMessage): void {
    this.#entries.set(messageId, { account: this.ledger.receive(), storedAt: undefined });
  }

  /** The entry of a message in hand; undefined once it is settled. */
  of({ messageId }: ReceivedMessage): BookEntry | undefined {
    return this.#entries.get(messageId);
  }

  /** The message left the worker. Returns its entry, which is in the books no more. */
  settle(
    { messageId }: ReceivedMessage,
    ...end: Parameters<MessageAccount['settle']>
  ): BookEntry | undefined {
    const entry = this.#entries.get(messageId);
    entry?.account.settle(...end);
    this.#entries.delete(messageId);
    return entry;
  }
}
