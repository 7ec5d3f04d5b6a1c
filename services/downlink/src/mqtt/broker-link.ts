import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { brokerAddress } from './broker-address.ts';
import { Conversation } from './conversation.ts';
import { BrokerError } from './errors.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_SECONDS = 30;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

export interface BrokerLinkOptions {
  /** `mqtt://host:1883` or `mqtts://host:8883`. */
  readonly url: string;
  readonly clientId: string;
  /** 5 tells the broker how long a message is good; 4 is MQTT 3.1.1, for brokers that know no better. */
  readonly protocolVersion: 4 | 5;
  readonly login?: Pick<IClientOptions, 'username' | 'password' | 'cert' | 'key' | 'ca'>;
  /** Told of every change after the first connection: undefined when it is up again, or why it is down. */
  readonly onChange: (downBecause: string | undefined) => void;
  /** First and longest wait before connecting again, in milliseconds. Default 500 and 30,000. */
  readonly reconnect?: { readonly firstWaitMs: number; readonly longestWaitMs: number };
}

/**
 * The one connection to the broker. When it is lost it is made anew, after growing waits, with a client that knows nothing of the
 * last one: the library would send again, at whatever later time, what was not acknowledged. A command that is late must not be
 * sent, so nothing here ever repeats a publish.
 */
export class BrokerLink {
  readonly #options: BrokerLinkOptions;
  readonly #closing = new AbortController();
  #client: MqttClient | undefined;

  private constructor(options: BrokerLinkOptions) {
    this.#options = options;
  }

  /** Connects for the first time; rejects with a BrokerError that says what is wrong. */
  static async connect(options: BrokerLinkOptions): Promise<BrokerLink> {
    const link = new BrokerLink(options);
    await link.#connect();
    return link;
  }

  get isConnected(): boolean {
    return this.#client?.connected === true;
  }

  /** Listens on `upTopic` for what a device says, ready to send to `downTopic`. Rejects with a BrokerError; nothing was sent then. */
  async converse(downTopic: string, upTopic: string): Promise<Conversation> {
    const client = this.#client;
    if (client?.connected !== true) throw new BrokerError('there is no connection to the broker');
    return await Conversation.open(client, downTopic, upTopic, this.#options.protocolVersion === 5);
  }

  /** Ends the connection for good. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client?.endAsync(true);
  }

  async #connect(): Promise<void> {
    const { url, clientId, protocolVersion, login } = this.#options;
    const client = await connectAsync(
      '',
      {
        ...brokerAddress(url),
        ...login,
        clientId,
        protocolVersion,
        clean: true,
        keepalive: KEEPALIVE_SECONDS,
        connectTimeout: CONNECT_TIMEOUT_MS,
        reconnectPeriod: 0,
        resubscribe: false,
        queueQoSZero: false,
      },
      false,
    ).catch((error: unknown) => {
      throw new BrokerError(`the broker ${hostOf(url)} does not take the connection: ${messageOf(error)}`, {
        cause: error,
      });
    });
    client.setMaxListeners(0);
    let reason = 'it was closed';
    client.on('error', (error) => {
      reason = messageOf(error);
    });
    client.on('disconnect', (packet) => {
      reason = `the broker ended it (code ${packet.reasonCode ?? 'unknown'})`;
    });
    client.once('close', () => this.#lost(client, reason));
    if (!client.connected) throw new BrokerError(`the broker ${hostOf(url)} closed the connection at once`);
    this.#client = client;
  }

  #lost(client: MqttClient, reason: string): void {
    client.end(true);
    if (this.#closing.signal.aborted || this.#client !== client) return;
    this.#client = undefined;
    this.#options.onChange(`the connection to the broker is lost: ${reason}`);
    void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const { firstWaitMs, longestWaitMs } = this.#options.reconnect ?? {
      firstWaitMs: FIRST_WAIT_MS,
      longestWaitMs: LONGEST_WAIT_MS,
    };
    const { signal } = this.#closing;
    for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      await delay(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.#connect();
      } catch (error) {
        this.#options.onChange(messageOf(error));
        continue;
      }
      if (signal.aborted) return await this.close();
      this.#options.onChange(undefined);
      return;
    }
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'of the configuration';
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message || error.name : String(error);
}
