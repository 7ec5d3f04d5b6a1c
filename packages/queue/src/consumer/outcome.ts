import type { Reject } from '@furrow/contracts';
import { backoffMs } from '../backoff.ts';
import type { QuarantineStage } from '../quarantine/quarantine-envelope.ts';
import { MAX_VISIBILITY_SECONDS } from '../sqs-limits.ts';

/** What becomes of a message. The only thing a handler decides; the consumer does the rest. */
export type Outcome =
  /** Every point of it is stored: delete it. */
  | {
      readonly kind: 'ack';
      /** Readings that were refused and are only counted, for a sender that is over its budget of refusals; none by default. */
      readonly countedOnly?: readonly Reject[];
    }
  /** Somebody could not answer: give it back and let it come again after a while. */
  | {
      readonly kind: 'retry';
      /** For logs: who could not do what. */
      readonly reason: string;
      /** Seconds until it comes again; by default it grows with each delivery ({@link retryDelaySeconds}). */
      readonly delaySeconds?: number;
    }
  /** All of it or some of its readings are refused for good, the others stored: keep it in quarantine, then delete it. */
  | {
      readonly kind: 'quarantine';
      readonly stage: QuarantineStage;
      readonly rejects: readonly Reject[];
      /** What helps to understand the refusal later, such as the version of the device's factors. */
      readonly context?: Readonly<Record<string, string>>;
    };

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 15 * 60_000;

/**
 * Seconds until the next delivery of a message that was delivered `receiveCount` times: about 2, 4, 8, … up to 15 minutes, the
 * upper half of it random. At least 1.
 */
export function retryDelaySeconds(receiveCount: number, random: () => number = Math.random): number {
  const delayMs = backoffMs({ baseMs: FIRST_RETRY_MS, maxMs: LONGEST_RETRY_MS }, receiveCount, random);
  return Math.max(1, Math.round(delayMs / 1000));
}

/** A handler's own wish, brought into what SQS takes: whole seconds from 0 to 12 hours. */
export function clampDelaySeconds(seconds: number): number {
  if (!(seconds > 0)) return 0;
  return Math.min(Math.ceil(seconds), MAX_VISIBILITY_SECONDS);
}
