import { type CommandMessage, commandMessageSchema } from '@furrow/contracts';
import {
  type ConsumerObserver,
  messageTrace,
  type Outcome,
  QueueConsumer,
  type QueueConsumerOptions,
  type ReceivedMessage,
} from '@furrow/queue';
import type { Registry } from '@furrow/registry';
import { inSpan, type Logger, type MetricsRegistry, type Readiness } from '@furrow/runtime';
import { type Delivery, type DeviceTopics, deliverCommand } from './deliver-command.ts';
import { DeviceTurns } from './device-turns.ts';
import { createDownlinkMetrics, type DownlinkMetrics } from './metrics.ts';
import type { BrokerLink } from './mqtt/broker-link.ts';

export interface DownlinkWorkerOptions {
  readonly client: QueueConsumerOptions['client'];
  readonly queueUrl: string;
  readonly commands: Pick<Registry['commands'], 'claim' | 'release' | 'settle'>;
  readonly contacts: Pick<Registry['contacts'], 'note'>;
  readonly link: Pick<BrokerLink, 'converse' | 'isConnected'>;
  readonly topics: DeviceTopics;
  /** How long a device may take to confirm each thing that it is told, in milliseconds. */
  readonly confirmMs: number;
  readonly readiness: Readiness;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Receives at a time; each brings up to ten commands. */
  readonly pollers: number;
  readonly waitTimeSeconds?: number;
}

/** How long a command waits here for its turn before its message is given back, so that others are received. */
const TURN_WAIT_MS = 5_000;
/** How often the registry is asked whether it is a command's turn, when nothing else says so. */
const TURN_POLL_MS = 300;
/** Until a message that could not be handled comes again. */
const SOON_SECONDS = 1;
/** Beside its longest talk: the wait for its turn, and the registry. */
const HANDLE_SLACK_MS = 60_000;
/** A command is told in at most this many sendings. */
const MOST_SENDINGS = 4;

/**
 * The consumer of the commands queue. Commands of different devices go out side by side, those of one device one after the other.
 * While the broker is away nothing is received; commands then wait on their queue until it is back or they expire.
 */
export class DownlinkWorker {
  readonly #options: DownlinkWorkerOptions;
  readonly #turns = new DeviceTurns();
  readonly #metrics: DownlinkMetrics;
  readonly #consumer: QueueConsumer;
  readonly #inHand = new Set<Promise<Outcome>>();

  constructor(options: DownlinkWorkerOptions) {
    this.#options = options;
    this.#metrics = createDownlinkMetrics(
      options.metrics,
      () => this.#inHand.size,
      () => options.link.isConnected,
    );
    this.#consumer = new QueueConsumer({
      client: options.client,
      queueUrl: options.queueUrl,
      // No outcome of a command is `quarantine`.
      quarantine: { put: () => Promise.reject(new Error('commands have no quarantine')) },
      pollers: options.pollers,
      handleTimeoutMs: MOST_SENDINGS * options.confirmMs + HANDLE_SLACK_MS,
      ...(options.waitTimeSeconds !== undefined && { waitTimeSeconds: options.waitTimeSeconds }),
      handle: (message, signal) => this.#track(this.#handle(message, signal)),
      observer: this.#observer(),
    });
  }

  start(): void {
    this.#consumer.start();
  }

  /** The broker is away, for that reason, or back (undefined). */
  brokerChanged(downBecause: string | undefined): void {
    const { readiness, logger } = this.#options;
    if (downBecause === undefined) {
      readiness.ready('broker');
      logger.info('the broker is back');
      this.#consumer.resume();
    } else {
      readiness.notReady('broker', downBecause);
      logger.error({ reason: downBecause }, 'the broker is away; intake is paused');
      this.#consumer.pause();
    }
  }

  /**
   * Stops intake and waits for the commands in hand within the deadline. Those that a device has not confirmed by then are written
   * down as not known. Idempotent.
   */
  async stop(deadlineMs: number): Promise<void> {
    await this.#consumer.stop({ deadlineMs });
    await Promise.allSettled(this.#inHand);
  }

  async #track(outcome: Promise<Outcome>): Promise<Outcome> {
    this.#inHand.add(outcome);
    return await outcome.finally(() => this.#inHand.delete(outcome));
  }

  async #handle(message: ReceivedMessage, signal: AbortSignal): Promise<Outcome> {
    const { link, logger } = this.#options;
    const named = readMessage(message.body);
    if (named === undefined) {
      // Somebody else writes to the queue. It goes to the dead letters, where a person can look at it.
      this.#metrics.unreadable();
      logger.error({ messageId: message.messageId }, 'a message that names no command');
      return { kind: 'retry', reason: 'the message names no command', delaySeconds: SOON_SECONDS };
    }
    if (!link.isConnected) {
      return { kind: 'retry', reason: 'there is no connection to the broker', delaySeconds: SOON_SECONDS };
    }
    const startedAt = performance.now();
    const delivery = await inSpan(
      'downlink.deliver',
      { kind: 'consumer', from: messageTrace(message), attributes: { device: named.device } },
      () => this.#deliver(named, signal),
    );
    this.#metrics.delivered(delivery, (performance.now() - startedAt) / 1000);
    return this.#outcomeOf(delivery, named);
  }

  /** Delivers the command when it is its turn. */
  async #deliver({ token, device }: CommandMessage, signal: AbortSignal): Promise<Delivery> {
    const giveBackAt = performance.now() + TURN_WAIT_MS;
    for (;;) {
      signal.throwIfAborted();
      const delivery = await deliverCommand(this.#options, token, signal);
      if (delivery.kind !== 'wait') {
        this.#turns.ended(device);
        return delivery;
      }
      if (performance.now() >= giveBackAt) return delivery;
      await this.#turns.wait(device, TURN_POLL_MS, signal);
    }
  }

  #outcomeOf(delivery: Delivery, { token, device }: CommandMessage): Outcome {
    const { logger, contacts } = this.#options;
    switch (delivery.kind) {
      case 'ended': {
        const { command, end, detail, isWritten } = delivery;
        if (end === 'confirmed' || end === 'refused') contacts.note(command.devicePk);
        logger.info({ command: token, device, kind: command.action.kind, end, detail }, 'command ended');
        if (!isWritten) logger.warn({ command: token, end }, 'its end came too late to be written down');
        return { kind: 'ack' };
      }
      case 'nothing':
        logger.info({ command: token, device, because: delivery.because }, 'command not sent');
        return { kind: 'ack' };
      case 'wait':
        return {
          kind: 'retry',
          reason: 'another command of the device is first',
          delaySeconds: SOON_SECONDS,
        };
      case 'not_sent':
        return { kind: 'retry', reason: String(delivery.because), delaySeconds: SOON_SECONDS };
    }
  }

  #observer(): ConsumerObserver {
    const { logger, readiness } = this.#options;
    return {
      polled: () => readiness.ready('queue'),
      retried: ({ messageId }, reason, delaySeconds) =>
        logger.warn({ messageId, reason, delaySeconds }, 'message returned to the queue'),
      pollFailed: (error, waitMs) => {
        this.#metrics.pollFailed();
        readiness.notReady('queue', error.message);
        logger.warn({ err: error, waitMs }, 'receive failed');
      },
      deleteFailed: ({ messageId }, failure) =>
        logger.warn({ messageId, failure }, 'delete failed; the message will come again and send nothing'),
    };
  }
}

function readMessage(body: string): CommandMessage | undefined {
  try {
    return commandMessageSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
