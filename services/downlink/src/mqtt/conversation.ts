import type { IPublishPacket, MqttClient } from 'mqtt';
import { BrokerError } from './errors.ts';

/** Limit of a subscription, and of its end. */
const SUBSCRIBE_TIMEOUT_MS = 4_000;
/** Most bytes kept of what a device says; an answer is far shorter. */
const MAX_HEARD_BYTES = 2_048;
const REFUSED_FROM = 0x80;

/** How waiting for an answer ended. */
export type Heard<T> =
  | { readonly kind: 'answer'; readonly answer: T }
  | { readonly kind: 'silence' | 'lost' | 'aborted' };

/**
 * Talk with one device: bytes go out on one topic and come back on another, joined as they come, because a gateway packs what the bus
 * says as it likes. Retained messages are old and not listened to.
 */
export class Conversation {
  readonly #client: MqttClient;
  readonly #downTopic: string;
  readonly #upTopic: string;
  readonly #canExpire: boolean;
  #heard: Buffer = Buffer.alloc(0);
  #onHeard: () => void = () => {};

  private constructor(client: MqttClient, downTopic: string, upTopic: string, canExpire: boolean) {
    this.#client = client;
    this.#downTopic = downTopic;
    this.#upTopic = upTopic;
    this.#canExpire = canExpire;
  }

  /** Resolves when the broker has taken the subscription. */
  static async open(
    client: MqttClient,
    downTopic: string,
    upTopic: string,
    canExpire: boolean,
  ): Promise<Conversation> {
    const conversation = new Conversation(client, downTopic, upTopic, canExpire);
    client.on('message', conversation.#take);
    try {
      const granted = await timely(client, client.subscribeAsync(upTopic, { qos: 1, rh: 2 }));
      const [first] = granted;
      if (first && first.qos >= REFUSED_FROM) {
        throw new BrokerError(`the broker refuses the subscription of ${upTopic}`);
      }
      return conversation;
    } catch (error) {
      client.removeListener('message', conversation.#take);
      if (error instanceof BrokerError) throw error;
      throw new BrokerError(`the broker refuses the subscription of ${upTopic}`, { cause: error });
    }
  }

  /**
   * Sends `payload` once and listens until `read` finds an answer in all that the device has said since, or `timeoutMs` are over.
   * `goodForSeconds` is how long the broker may keep it for a device that is away (MQTT 5).
   */
  async ask<T>(
    payload: Uint8Array,
    read: (bytes: Uint8Array) => T | undefined,
    limits: { readonly timeoutMs: number; readonly goodForSeconds: number; readonly signal: AbortSignal },
  ): Promise<Heard<T>> {
    const { timeoutMs, goodForSeconds, signal } = limits;
    this.#heard = Buffer.alloc(0);
    return await new Promise<Heard<T>>((resolve) => {
      const end = (heard: Heard<T>): void => {
        clearTimeout(timer);
        this.#onHeard = () => {};
        this.#client.removeListener('close', lost);
        signal.removeEventListener('abort', aborted);
        resolve(heard);
      };
      const lost = (): void => end({ kind: 'lost' });
      const aborted = (): void => end({ kind: 'aborted' });
      const timer = setTimeout(() => end({ kind: 'silence' }), timeoutMs);
      this.#onHeard = () => {
        const answer = read(this.#heard);
        if (answer !== undefined) end({ kind: 'answer', answer });
      };
      this.#client.once('close', lost);
      signal.addEventListener('abort', aborted, { once: true });
      if (signal.aborted) return aborted();
      if (!this.#client.connected) return lost();
      const properties = this.#canExpire
        ? { messageExpiryInterval: Math.max(1, Math.ceil(goodForSeconds)) }
        : {};
      // A refusal of the broker (no permission, say) reads as silence: whether a device got it is not known.
      this.#client
        .publishAsync(this.#downTopic, Buffer.from(payload), { qos: 1, retain: false, properties })
        .catch(() => undefined);
    });
  }

  /**
   * Listens no more. Waits until the broker says so, for not every broker keeps the order of this and the subscription of the
   * device's next command. Does not reject.
   */
  async close(): Promise<void> {
    this.#client.removeListener('message', this.#take);
    if (!this.#client.connected) return;
    await timely(this.#client, this.#client.unsubscribeAsync(this.#upTopic)).catch(() => undefined);
  }

  readonly #take = (topic: string, payload: Buffer, packet: IPublishPacket): void => {
    if (topic !== this.#upTopic || packet.retain) return;
    this.#heard = Buffer.concat([this.#heard, payload]).subarray(-MAX_HEARD_BYTES);
    this.#onHeard();
  };
}

/** The promise's result, unless the connection ends or the broker does not answer in time. */
async function timely<T>(client: MqttClient, promise: Promise<T>): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const fail = (message: string) => (): void => {
      stop();
      reject(new BrokerError(message));
    };
    const lost = fail('the connection to the broker is lost');
    const timer = setTimeout(fail('the broker does not answer'), SUBSCRIBE_TIMEOUT_MS);
    const stop = (): void => {
      clearTimeout(timer);
      client.removeListener('close', lost);
    };
    client.once('close', lost);
    promise.then(resolve, reject).finally(stop);
  });
}
