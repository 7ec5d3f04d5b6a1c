import { type AgriId, agriId, factorAgriId, type UplinkMessage } from '@furrow/contracts';
import { type Fleet, parseFleet } from '@furrow/registry';

const DEVICES = 100;
const FACTORS = 10;
const READS = 5;
/** Readings in one message. */
export const MESSAGE_READINGS = FACTORS * READS;
/** One message in so many carries its readings as frames instead of items. */
const FRAMES_EVERY = 5;
/** Share of the points that the service refuses for good, unless the load says otherwise. */
const REFUSED_SHARE = 0.01;
const RAW_VALUES = 20_000;

const ORIGIN = { org_id: 'soak', project_id: 'soak' };

/** One reading as it must be readable afterwards, or else in quarantine. */
export interface ExpectedPoint {
  readonly agriId: AgriId;
  readonly t: number;
  readonly value: number;
  /** The service refuses it, each time it is sent. */
  readonly refused: boolean;
}

/**
 * The uplinks of a hundred gateways with ten factors each, in turn. Every time, value and refusal is a function of the seed and the
 * message's number, so what must be stored is known without keeping it.
 */
export class SoakLoad {
  readonly messages: number;
  readonly #seed: number;
  readonly #refusedShare: number;
  /** Second of the first reading: the last one lies just before the run began. */
  readonly #firstSecond: number;

  /** `refusedShare`: of the points, those that the store refuses for good; 1 % by default. */
  constructor(options: {
    readonly seed: number;
    readonly messages: number;
    readonly startedAtMs: number;
    readonly refusedShare?: number;
  }) {
    this.messages = options.messages;
    this.#seed = options.seed;
    this.#refusedShare = options.refusedShare ?? REFUSED_SHARE;
    const laps = Math.ceil(options.messages / DEVICES);
    this.#firstSecond = Math.floor(options.startedAtMs / 1000) - 60 - laps * READS;
  }

  /** The fleet that sends, for the registry. */
  static fleet(): Fleet {
    const devices = Array.from({ length: DEVICES }, (_, device) => ({
      device_id: `8686860000${10_000 + device}`,
      agri_id: deviceId(device),
      factors: Array.from({ length: FACTORS }, (_, factor) => ({
        unit: 1,
        address: 0,
        data_index: factor,
        modbus_type: 'holding' as const,
        data_type: 'int16' as const,
        data_factor: 0.1,
        the_type: 'temp',
      })),
    }));
    return parseFleet({
      orgs: [{ slug: ORIGIN.org_id, projects: [{ project_id: ORIGIN.project_id, devices }] }],
    });
  }

  uplink(number: number): UplinkMessage {
    const device = deviceId(number % DEVICES);
    const envelope = { v: 1 as const, ...ORIGIN, device, received_at: Date.now() };
    const seconds = this.#seconds(number);
    if (number % FRAMES_EVERY === 0)
      return { ...envelope, frames: seconds.map((t) => this.#frame(device, t)) };
    const items = this.points(number).map((point) => ({
      agri_id: point.agriId,
      value: this.#raw(point.agriId, point.t),
      t: point.t / 1000,
    }));
    return { ...envelope, items };
  }

  /** The points that a message must become. */
  points(number: number): ExpectedPoint[] {
    const device = deviceId(number % DEVICES);
    return this.#seconds(number).flatMap((second) =>
      Array.from({ length: FACTORS }, (_, factor) => {
        const id = factorAgriId(device, 1, 0, factor);
        const t = second * 1000;
        // The quotient of two whole numbers is the double nearest to the decimal fraction.
        return { agriId: id, t, value: this.#raw(id, t) / 10, refused: this.refuses(id, t) };
      }),
    );
  }

  /** Whether the service refuses this point. */
  refuses(id: string, t: number): boolean {
    return this.#hash(`refused ${id} ${t}`) < this.#refusedShare * 2 ** 32;
  }

  /** The message that carries a device's readings of this second. */
  numberOf(device: string, second: number): number {
    const lap = Math.floor((second - this.#firstSecond) / READS);
    return lap * DEVICES + Number(/^d-(\d+)-/.exec(device)?.[1]) - 1000;
  }

  #seconds(number: number): number[] {
    const first = this.#firstSecond + Math.floor(number / DEVICES) * READS;
    return Array.from({ length: READS }, (_, read) => first + read);
  }

  #frame(device: AgriId, second: number) {
    const registers = Buffer.alloc(FACTORS * 2);
    for (let factor = 0; factor < FACTORS; factor += 1) {
      registers.writeUInt16BE(this.#raw(factorAgriId(device, 1, 0, factor), second * 1000), factor * 2);
    }
    const hex = registers.toString('hex');
    return { unit: 1, modbus_type: 'holding', address: 0, framing: 'registers' as const, hex, t: second };
  }

  #raw(id: string, t: number): number {
    return this.#hash(`${id} ${t}`) % RAW_VALUES;
  }

  /** FNV-1a, then the last mixing steps of MurmurHash3: the same 32 bits for the same text and seed, spread over all numbers. */
  #hash(text: string): number {
    let hash = 0x811c9dc5 ^ this.#seed;
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}

function deviceId(device: number): AgriId {
  return agriId(`d-${1000 + device}-abcd`);
}
