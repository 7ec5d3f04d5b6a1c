import type { Reject } from '@furrow/contracts';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import type { QuarantineStage } from './quarantine-envelope.ts';

/** What is refused for good, and why. */
export interface Refusal {
  readonly message: ReceivedMessage;
  readonly stage: QuarantineStage;
  /** Every refusal in the message, at least one. */
  readonly rejects: readonly Reject[];
  /** Short facts for whoever investigates, such as the version of the device's factors. */
  readonly context?: Readonly<Record<string, string>>;
}

/** Where refused messages are kept for people to look at. */
export interface Quarantine {
  /**
   * Resolves when the whole message and its reasons are stored durably. Rejects when they are not; the message then stays on its
   * queue. Putting the same message again gives an envelope with the same id.
   */
  put(refusal: Refusal, signal?: AbortSignal): Promise<void>;
}
