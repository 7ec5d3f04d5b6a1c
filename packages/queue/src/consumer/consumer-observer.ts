import type { EntryFailure } from '../request-batcher.ts';
import type { Outcome } from './outcome.ts';
import type { ReceivedMessage } from './received-message.ts';

/**
 * What a consumer tells about its work, for metrics and logs; every method is optional. A method must be quick; what it throws is
 * swallowed, so that no observer can stop intake.
 */
export interface ConsumerObserver {
  /** A receive was answered with this many messages (0 when the long poll ended empty). */
  polled?(messageCount: number): void;
  /** A message came in hand. */
  received?(message: ReceivedMessage): void;
  /** A message that is in hand was delivered once more; it is handled once and deleted by its newest receipt. */
  duplicated?(message: ReceivedMessage): void;
  acked?(message: ReceivedMessage, outcome: Extract<Outcome, { kind: 'ack' }>): void;
  /** A message goes back to the queue, for this long. */
  retried?(message: ReceivedMessage, reason: string, delaySeconds: number): void;
  /** The message is in quarantine and deleted. */
  quarantined?(message: ReceivedMessage, outcome: Extract<Outcome, { kind: 'quarantine' }>): void;
  /** The quarantine took no envelope; the message is retried instead. */
  quarantineFailed?(message: ReceivedMessage, error: unknown): void;
  /** A message whose outcome is durable could not be deleted: it will come again and change nothing. */
  deleteFailed?(message: ReceivedMessage, failure: EntryFailure): void;
  /** A message could not be given back early: it comes when its visibility timeout ends. */
  releaseFailed?(message: ReceivedMessage, failure: EntryFailure): void;
  /** A lease could not be renewed: the message may be delivered to somebody else meanwhile. */
  heartbeatFailed?(message: ReceivedMessage, failure: EntryFailure): void;
  /** A receive failed; polling goes on after `waitMs`. */
  pollFailed?(error: Error, waitMs: number): void;
}

/**
 * What a consumer has counted since it was made. At every moment
 * `received = acked + quarantined + returned + inHand`.
 */
export interface ConsumerCounters {
  received: number;
  acked: number;
  quarantined: number;
  /** Given back to the queue. */
  returned: number;
  inHand: number;
  /** Deliveries of a message that was in hand already; not in `received`. */
  duplicated: number;
  deleteFailures: number;
  releaseFailures: number;
  heartbeatFailures: number;
  quarantineFailures: number;
  polls: number;
  pollFailures: number;
  /** When a receive was answered last, milliseconds since 1970 UTC; 0 before the first. */
  lastPollAt: number;
  /** The last sign of life of the pollers: a receive began, was answered or failed. On the monotonic clock (`performance.now()`). */
  lastPollActivityMs: number;
}

type Arguments<K extends keyof ConsumerObserver> = Parameters<NonNullable<ConsumerObserver[K]>>;

/** Keeps the counters and passes every event on. */
export class ConsumerLog {
  readonly counters: ConsumerCounters = {
    received: 0,
    acked: 0,
    quarantined: 0,
    returned: 0,
    inHand: 0,
    duplicated: 0,
    deleteFailures: 0,
    releaseFailures: 0,
    heartbeatFailures: 0,
    quarantineFailures: 0,
    polls: 0,
    pollFailures: 0,
    lastPollAt: 0,
    lastPollActivityMs: 0,
  };
  readonly #observer: ConsumerObserver;

  constructor(observer: ConsumerObserver) {
    this.#observer = observer;
  }

  /** The pollers gave a sign of life. */
  alive(): void {
    this.counters.lastPollActivityMs = performance.now();
  }

  /** Counts under `counter` and tells the observer. */
  count<K extends keyof ConsumerObserver>(
    counter: Exclude<keyof ConsumerCounters, 'inHand' | 'lastPollAt' | 'lastPollActivityMs'>,
    event: K,
    ...details: Arguments<K>
  ): void {
    this.counters[counter] += 1;
    if (counter === 'received') this.counters.inHand += 1;
    if (counter === 'acked' || counter === 'quarantined' || counter === 'returned') this.counters.inHand -= 1;
    if (counter === 'polls') this.counters.lastPollAt = Date.now();
    if (counter === 'polls' || counter === 'pollFailures') this.alive();
    const notify = this.#observer[event] as ((...details: Arguments<K>) => void) | undefined;
    try {
      notify?.apply(this.#observer, details);
    } catch {
      // An observer's failure is the observer's.
    }
  }
}
