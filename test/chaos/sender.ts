import { setTimeout as sleep } from 'node:timers/promises';
import type { AgriId } from '@furrow/contracts';
import { type ChaosDevice, DEVICES, tokenOf } from './chaos-fleet.ts';
import {
  type PlannedMessage,
  type PlannedPoison,
  type PlannedUplink,
  type RenderedUplink,
  renderUplink,
} from './load.ts';
import { WRONG_BYTE_MARK } from './poison.ts';
import type { SentLedger } from './sent-ledger.ts';
import { postSqs } from './sqs-wire.ts';

export interface SenderOptions {
  readonly messages: Iterable<PlannedMessage>;
  readonly ledger: SentLedger;
  readonly apiUrl: string;
  /** Primary keys of the devices, for the API's paths. */
  readonly devicePks: ReadonlyMap<AgriId, number>;
  /** SQS without faults: what is put on the queue directly is on it. */
  readonly sqsEndpoint: string;
  readonly queueUrl: string;
}

/** Posts at a time; what is due beyond them waits in the sender. */
const MOST_POSTS = 48;
const POST_TIMEOUT_MS = 15_000;
const RETRY_MS = [200, 1_000] as const;

/**
 * Plays the load by the clock, whatever comes back (an open loop): gateways that post to the API, and producers that write to the queue.
 * A post without an answer, or with one that says "later", is sent again until it is taken, as gateways do.
 */
export class Sender {
  /** Answers of the API that refuse a good uplink for good: there should be none. */
  readonly refusals: string[] = [];
  messages = 0;
  /** How often something was sent again. */
  repeated = 0;
  readonly #options: SenderOptions;
  #posting = 0;
  readonly #forRoom: (() => void)[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #giveUp = new AbortController();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Messages that are due and not taken yet. */
  get pending(): number {
    return this.#underWay.size;
  }

  /** Sends everything at its time after `startMs` (milliseconds since 1970 UTC); resolves when the last message is due. */
  async play(startMs: number, signal: AbortSignal): Promise<void> {
    for (const message of this.#options.messages) {
      const waitMs = startMs + message.atMs - Date.now();
      if (waitMs > 2) await sleep(waitMs, undefined, { signal });
      signal.throwIfAborted();
      this.messages += 1;
      this.#start(
        message.kind === 'poison' ? this.#sendPoison(message, startMs) : this.#sendUplink(message, startMs),
      );
    }
  }

  /** Ends the repeating. Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#giveUp.abort();
    for (const wake of this.#forRoom.splice(0)) wake();
    await Promise.allSettled([...this.#underWay]);
  }

  #start(work: Promise<void>): void {
    const tracked = work.catch((error: unknown) => {
      if (!this.#giveUp.signal.aborted) this.refusals.push(String(error));
    });
    this.#underWay.add(tracked);
    void tracked.finally(() => this.#underWay.delete(tracked));
  }

  async #sendUplink(planned: PlannedUplink, startMs: number): Promise<void> {
    const uplink = renderUplink(planned, startMs);
    for (const { agriId, t, value, refused } of uplink.readings)
      this.#options.ledger.add(agriId, t, value, refused);
    if (planned.route === 'api') return await this.#post(uplink);
    const { device, items, frames } = uplink;
    const { agriId, orgId: org_id, projectId: project_id } = device;
    if (planned.route === 'envelope') {
      const envelope = { v: 1, org_id, project_id, device: agriId, received_at: Date.now(), items, frames };
      return await this.#put(JSON.stringify(envelope), undefined);
    }
    const flat = items.map((item) => ({ ...item, org_id, project_id }));
    await this.#put(JSON.stringify(flat), planned.namesDevice ? agriId : undefined);
  }

  async #sendPoison({ poison, device: index, n, tMs }: PlannedPoison, startMs: number): Promise<void> {
    const device = DEVICES[index] as ChaosDevice;
    const other = DEVICES[(index + 1) % DEVICES.length] as ChaosDevice;
    const body = poison.body({ device, other, n, t: startMs + tMs + device.skewMs });
    const { kind, reasons } = poison;
    this.#options.ledger.poison.set(body.replace(WRONG_BYTE_MARK, '\ufffd'), { kind, reasons });
    await this.#put(body, undefined);
  }

  /** Puts a message on the queue. A body with {@link WRONG_BYTE_MARK} gets the byte 0xFF there. */
  async #put(MessageBody: string, device: AgriId | undefined): Promise<void> {
    const { sqsEndpoint, queueUrl: QueueUrl } = this.#options;
    const attribute = { DataType: 'String', StringValue: device };
    const MessageAttributes = device === undefined ? {} : { device_agri_id: attribute };
    const input = { QueueUrl, MessageBody, MessageAttributes };
    const [before = '', after] = JSON.stringify(input).split(WRONG_BYTE_MARK);
    const rest = after === undefined ? [] : [Buffer.from([0xff]), Buffer.from(after)];
    const bytes = Buffer.concat([Buffer.from(before), ...rest]);
    await this.#untilTaken(async () => {
      await postSqs(sqsEndpoint, 'SendMessage', bytes);
      return true;
    });
  }

  async #post({ device, items, frames }: RenderedUplink): Promise<void> {
    const pk = this.#options.devicePks.get(device.agriId);
    const url = `${this.#options.apiUrl}/api/v2/projects/${device.projectId}/devices/${pk}/data/`;
    const body = JSON.stringify(frames.length === 0 ? items : { items, frames });
    const headers = { authorization: `Bearer ${tokenOf(device.orgId)}`, 'content-type': 'application/json' };
    if (this.#posting >= MOST_POSTS) await new Promise<void>((wake) => this.#forRoom.push(wake));
    this.#posting += 1;
    try {
      await this.#untilTaken(() => this.#taken(url, { method: 'POST', headers, body }));
    } finally {
      this.#posting -= 1;
      this.#forRoom.shift()?.();
    }
  }

  /** Sends again until it is taken. What breaks off may have been taken or not: sending it again is harmless. */
  async #untilTaken(send: () => Promise<boolean>): Promise<void> {
    const [least, most] = RETRY_MS;
    for (let tries = 1; ; tries += 1) {
      this.#giveUp.signal.throwIfAborted();
      // A TypeError is what fetch throws when there is no answer.
      const taken = await send().catch((error: unknown) => {
        if (error instanceof TypeError) return false;
        throw error;
      });
      if (taken) return;
      this.repeated += 1;
      await sleep(Math.min(least * tries, most), undefined, { signal: this.#giveUp.signal });
    }
  }

  /** True when the API has it, false when that is not known or when it says "later". */
  async #taken(url: string, init: RequestInit): Promise<boolean> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { ...init, signal: AbortSignal.timeout(POST_TIMEOUT_MS) });
      text = await response.text();
    } catch {
      return false;
    }
    if (response.ok) {
      if (text.includes('"problems"')) this.refusals.push(`the API finds fault with a good uplink: ${text}`);
      return true;
    }
    if (response.status >= 500 || response.status === 429) return false;
    throw new Error(`the API refused a good uplink with ${response.status}: ${text}`);
  }
}
