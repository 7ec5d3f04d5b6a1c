import { setTimeout as delay } from 'node:timers/promises';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { ConsumerStoppedError, HandlerTimeoutError } from '../errors.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import { MAX_LONG_POLL_SECONDS } from '../sqs-limits.ts';
import { untilAborted } from '../until-aborted.ts';
import { Acknowledger } from './acknowledger.ts';
import { type ConsumerCounters, ConsumerLog, type ConsumerObserver } from './consumer-observer.ts';
import { HandBudget } from './hand-budget.ts';
import { startHeartbeat } from './heartbeat.ts';
import { MessageInHand, MessagesInHand } from './messages-in-hand.ts';
import { clampDelaySeconds, type Outcome, retryDelaySeconds } from './outcome.ts';
import { PollGate } from './poll-gate.ts';
import { createPoller } from './poller.ts';
import { messageBytes, type ReceivedMessage, readReceivedMessage } from './received-message.ts';

const DEFAULT_POLLERS = 8;
const MESSAGES_PER_POLLER = 20;
const DEFAULT_MAX_BYTES = 16 * 1_048_576;

/** Longest that a message may be in hand: limit for `handle` and for writing to the quarantine, by default, in milliseconds. */
export const HANDLE_TIMEOUT_MS = 120_000;

/** How long `stop` waits, after its deadline, for messages to be given back. */
const RELEASE_GRACE_MS = 2_000;

export interface QueueConsumerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly quarantine: Quarantine;
  /**
   * Works on one message and says what becomes of it. A throw means `retry`. Messages are handled side by side, as many as are in hand. When the signal aborts (timeout, shutdown) the message goes back to the queue, whatever is returned later.
   */
  readonly handle: (message: ReceivedMessage, signal: AbortSignal) => Promise<Outcome>;
  /** Receives at a time; 8 by default, fewer while the next ones might bring more than may be in hand. */
  readonly pollers?: number;
  /** Most messages in hand; 20 for each poller by default. */
  readonly maxMessages?: number;
  /** Most bytes in hand, with what the receives under way are expected to bring; 16 MiB by default. */
  readonly maxBytes?: number;
  /** How long a message stays hidden without a sign of life; 60 by default. Renewed while the message is in hand. */
  readonly visibilityTimeoutSeconds?: number;
  /** How long a receive waits for a message, 1 to 20; 20 by default. */
  readonly waitTimeSeconds?: number;
  /** Limit for `handle` and for writing to the quarantine; 120 s by default. */
  readonly handleTimeoutMs?: number;
  readonly observer?: ConsumerObserver;
}

/**
 * Takes messages off a queue and carries out the outcome of each: deletes it, gives it back, or quarantines and deletes it. Each
 * message is settled as soon as its own outcome is there and is kept hidden until then; pollers ask again while there is room for more in
 * hand. Nothing that a message, a handler, an observer or SQS does can end the process.
 */
export class QueueConsumer {
  /** Most messages in hand. */
  readonly maxMessages: number;
  readonly #options: QueueConsumerOptions;
  readonly #visibilityTimeoutSeconds: number;
  readonly #handleTimeoutMs: number;
  readonly #gate = new PollGate();
  readonly #hands = new MessagesInHand();
  readonly #budget: HandBudget;
  readonly #acknowledger: Acknowledger;
  readonly #log: ConsumerLog;
  readonly #pollers: readonly { start(): void; stop(): void }[];
  #stopHeartbeat: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: QueueConsumerOptions) {
    this.#options = options;
    this.#visibilityTimeoutSeconds = options.visibilityTimeoutSeconds ?? 60;
    this.#handleTimeoutMs = options.handleTimeoutMs ?? HANDLE_TIMEOUT_MS;
    this.#log = new ConsumerLog(options.observer ?? {});
    this.#acknowledger = new Acknowledger(options.client, options.queueUrl);
    const pollers = options.pollers ?? DEFAULT_POLLERS;
    this.maxMessages = options.maxMessages ?? pollers * MESSAGES_PER_POLLER;
    this.#budget = new HandBudget({
      maxMessages: this.maxMessages,
      maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
    });
    this.#pollers = Array.from({ length: pollers }, () => this.#createPoller());
  }

  /** A copy of the counters. */
  get counters(): Readonly<ConsumerCounters> {
    return { ...this.#log.counters };
  }

  /** Characters of the bodies and attributes of the messages in hand. */
  get bytesInHand(): number {
    return this.#budget.bytes;
  }

  /** True from `pause` to `resume`. */
  get paused(): boolean {
    return this.#gate.paused;
  }

  /** Begins to poll. Does nothing when already begun; throws ConsumerStoppedError after `stop`. */
  start(): void {
    if (this.#stopping) throw new ConsumerStoppedError();
    if (this.#stopHeartbeat) return;
    this.#log.alive();
    this.#stopHeartbeat = startHeartbeat({
      hands: this.#hands,
      acknowledger: this.#acknowledger,
      visibilityTimeoutSeconds: this.#visibilityTimeoutSeconds,
      onFailure: (hand, failure) =>
        this.#log.count('heartbeatFailures', 'heartbeatFailed', hand.message, failure),
    });
    for (const poller of this.#pollers) poller.start();
  }

  /**
   * Asks for no more messages until `resume`. Messages in hand go on; a receive that is already waiting may still bring up to ten
   * messages for each poller.
   */
  pause(): void {
    this.#gate.pause();
  }

  resume(): void {
    this.#log.alive();
    this.#gate.resume();
  }

  /**
   * Stops intake at once, waits for the messages in hand, and after `deadlineMs` (10 s by default) aborts those that are left and gives
   * them back to the queue, which takes at most two seconds more. Safe to call again; all calls end together.
   */
  stop({ deadlineMs = 10_000 }: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(deadlineMs);
    return this.#stopping;
  }

  async #stop(deadlineMs: number): Promise<void> {
    this.#gate.close();
    this.#budget.wake();
    for (const poller of this.#pollers) poller.stop();
    await this.#handsEmptyWithin(deadlineMs);
    const stopped = new ConsumerStoppedError();
    for (const hand of this.#hands.all()) hand.aborter.abort(stopped);
    await this.#handsEmptyWithin(RELEASE_GRACE_MS);
    this.#acknowledger.abort(stopped);
    await this.#hands.empty();
    this.#stopHeartbeat?.();
  }

  async #handsEmptyWithin(timeoutMs: number): Promise<void> {
    const timer = new AbortController();
    const expired = delay(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([this.#hands.empty(), expired]);
    timer.abort();
  }

  #createPoller() {
    let receiving = false;
    const received = (bytes: number): void => {
      if (!receiving) return;
      receiving = false;
      this.#budget.received(bytes);
    };
    return createPoller({
      client: this.#options.client,
      queueUrl: this.#options.queueUrl,
      beforeReceive: async () => {
        await this.#mayReceive();
        receiving = true;
      },
      visibilityTimeoutSeconds: this.#visibilityTimeoutSeconds,
      waitTimeSeconds: this.#options.waitTimeSeconds ?? MAX_LONG_POLL_SECONDS,
      onBatch: (messages) => {
        this.#answered(messages.length);
        received(this.#takeBatch(messages));
      },
      onEmpty: () => {
        this.#answered(0);
        received(0);
      },
      onError: (error) => {
        received(0);
        if (this.#stopping) return;
        this.#log.count('pollFailures', 'pollFailed', error, this.#gate.failed());
      },
    });
  }

  /** Resolves when a receive may begin, which it then has; rejects once the consumer stops. */
  async #mayReceive(): Promise<void> {
    for (;;) {
      await this.#gate.pass();
      if (this.#budget.tryReceive()) return this.#log.alive();
      await this.#budget.changed();
    }
  }

  #answered(messageCount: number): void {
    this.#gate.succeeded();
    this.#log.count('polls', 'polled', messageCount);
  }

  /** Begins to work on each message of a receive. Returns how many bytes it brought. */
  #takeBatch(messages: readonly Message[]): number {
    const receivedAt = Date.now();
    return messages.reduce((bytes, message) => bytes + this.#takeInHand(message, receivedAt), 0);
  }

  #takeInHand(delivered: Message, receivedAt: number): number {
    const message = readReceivedMessage(delivered, receivedAt);
    const bytes = messageBytes(message);
    const receiptHandle = delivered.ReceiptHandle ?? '';
    const hiddenUntil = performance.now() + this.#visibilityTimeoutSeconds * 1000;
    const known = this.#hands.get(message.messageId);
    if (known) {
      known.receiptHandle = receiptHandle;
      known.hiddenUntil = hiddenUntil;
      this.#log.count('duplicated', 'duplicated', message);
      return bytes;
    }
    const hand = new MessageInHand(message, receiptHandle, hiddenUntil);
    this.#hands.add(hand);
    this.#budget.take(bytes);
    this.#log.count('received', 'received', message);
    void this.#work(hand);
    return bytes;
  }

  async #work(hand: MessageInHand): Promise<void> {
    if (this.#stopping) hand.aborter.abort(new ConsumerStoppedError());
    const expire = (): void => hand.aborter.abort(new HandlerTimeoutError(this.#handleTimeoutMs));
    const timer = setTimeout(expire, this.#handleTimeoutMs);
    const outcome = await this.#outcomeOf(hand);
    clearTimeout(timer);
    await this.#carryOut(hand, outcome);
    this.#hands.remove(hand);
    this.#budget.release(messageBytes(hand.message));
  }

  /** The handler's outcome once it can be carried out: a quarantine outcome only when the quarantine holds the message. */
  async #outcomeOf(hand: MessageInHand): Promise<Outcome> {
    const { message, aborter } = hand;
    try {
      aborter.signal.throwIfAborted();
      const outcome = await untilAborted(this.#options.handle(message, aborter.signal), aborter.signal);
      if (outcome.kind !== 'quarantine') return outcome;
      return await this.#quarantine(hand, outcome);
    } catch (error) {
      const retry = { kind: 'retry', reason: reasonOf(error) } as const;
      return error instanceof ConsumerStoppedError ? { ...retry, delaySeconds: 0 } : retry;
    }
  }

  async #quarantine(
    hand: MessageInHand,
    outcome: Extract<Outcome, { kind: 'quarantine' }>,
  ): Promise<Outcome> {
    const { message, aborter } = hand;
    const { stage, rejects, context } = outcome;
    const refusal = { message, stage, rejects, ...(context ? { context } : {}) };
    try {
      await untilAborted(this.#options.quarantine.put(refusal, aborter.signal), aborter.signal);
      return outcome;
    } catch (error) {
      this.#log.count('quarantineFailures', 'quarantineFailed', message, error);
      throw error;
    }
  }

  async #carryOut(hand: MessageInHand, outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case 'ack':
        await this.#delete(hand);
        return this.#log.count('acked', 'acked', hand.message, outcome);
      case 'quarantine':
        await this.#delete(hand);
        return this.#log.count('quarantined', 'quarantined', hand.message, outcome);
      default:
        return this.#giveBack(hand, outcome);
    }
  }

  /** Deletes by the newest receipt, again if a newer one came meanwhile. A delete that fails is harmless. */
  async #delete(hand: MessageInHand): Promise<void> {
    let tried: string | undefined;
    while (tried !== hand.receiptHandle) {
      tried = hand.receiptHandle;
      const result = await this.#acknowledger.delete(tried);
      if (!result.ok) this.#log.count('deleteFailures', 'deleteFailed', hand.message, result.failure);
    }
  }

  async #giveBack(hand: MessageInHand, outcome: Extract<Outcome, { kind: 'retry' }>): Promise<void> {
    const { message } = hand;
    const delaySeconds =
      outcome.delaySeconds === undefined
        ? retryDelaySeconds(message.attributes.receiveCount)
        : clampDelaySeconds(outcome.delaySeconds);
    hand.extendable = false;
    const result = await this.#acknowledger.changeVisibility(hand.receiptHandle, delaySeconds);
    if (!result.ok) this.#log.count('releaseFailures', 'releaseFailed', message, result.failure);
    this.#log.count('returned', 'retried', message, outcome.reason, delaySeconds);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
