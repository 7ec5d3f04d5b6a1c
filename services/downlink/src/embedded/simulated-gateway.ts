import { coilWriteFrame } from '@furrow/decoding';
import { connectAsync, type MqttClient } from 'mqtt';
import { YY_M200 } from '../gateways/yy-m200.ts';

/** What a gateway answers to something that it is told; undefined for silence. */
export type GatewayAnswer = (told: Buffer, gateway: SimulatedGateway) => string | Uint8Array | undefined;

export interface SimulatedGatewayOptions {
  readonly brokerUrl: string;
  readonly downTopic: string;
  readonly upTopic: string;
  /** What it answers; by default as a YY-M200 with a relay board of 16 coils behind it. */
  readonly answer?: GatewayAnswer;
}

/** A DTU with a relay board on its bus, as far as commands go: for trying out commands without hardware, and for tests. */
export class SimulatedGateway {
  /** All that it was told, oldest first. */
  readonly told: Buffer[] = [];
  /** The coils that were ever written, by unit and address: `1/0`. */
  readonly coils = new Map<string, boolean>();
  readonly #client: MqttClient;
  readonly #upTopic: string;

  private constructor(client: MqttClient, upTopic: string) {
    this.#client = client;
    this.#upTopic = upTopic;
  }

  /** Connects and listens. */
  static async start(options: SimulatedGatewayOptions): Promise<SimulatedGateway> {
    const { brokerUrl, downTopic, upTopic, answer = answerAsGateway } = options;
    const client = await connectAsync(brokerUrl, { protocolVersion: 4, clean: true });
    const gateway = new SimulatedGateway(client, upTopic);
    client.on('error', () => {});
    client.on('message', (_topic, told) => {
      gateway.told.push(told);
      const said = answer(told, gateway);
      if (said !== undefined) gateway.say(said);
    });
    await client.subscribeAsync(downTopic, { qos: 1 });
    return gateway;
  }

  /** Publishes bytes as if they came from its bus. */
  say(bytes: string | Uint8Array): void {
    this.#client.publish(this.#upTopic, Buffer.from(bytes), { qos: 1 });
  }

  /** Leaves bytes with the broker for whoever listens later; no bytes take them away. */
  async retain(bytes: Uint8Array): Promise<void> {
    await this.#client.publishAsync(this.#upTopic, Buffer.from(bytes), { qos: 1, retain: true });
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}

/** Answers AT commands with OK and coil writes with their echo, and keeps the coils. */
export function answerAsGateway(told: Buffer, { coils }: SimulatedGateway): string | Uint8Array | undefined {
  if (told.toString('latin1').startsWith(YY_M200.prefix)) return '\r\nOK\r\n';
  if (told.length !== 8) return undefined;
  const unit = told.readUInt8(0);
  const address = told.readUInt16BE(2);
  const on = told.readUInt16BE(4) !== 0;
  if (!coilWriteFrame(unit, address, on).every((byte, at) => byte === told[at])) return undefined;
  coils.set(`${unit}/${address}`, on);
  return told;
}
