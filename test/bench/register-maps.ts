import {
  agriId,
  type DataEndian,
  type DataType,
  type Factor,
  factorDefinitionSchema,
  factorWidth,
  MAX_READ_REGISTERS,
} from '@furrow/contracts';
import { type Random, seededRandom } from './random.ts';

/** One read of a device that is repeated at every poll. */
export interface RegisterRead {
  readonly address: number;
  /** How many registers. */
  readonly count: number;
  readonly factors: readonly Factor[];
  /** One answer a poll, a Modbus PDU: function, byte count, data. All share one buffer, as what a worker receives does. */
  readonly answers: readonly Buffer[];
}

/** A device: its factors, side by side in holding registers of unit 1, and what it answered. */
export interface RegisterMap {
  readonly factors: readonly Factor[];
  readonly reads: readonly RegisterRead[];
}

/** What the factors of a map are. */
export type Mix = 'int16' | 'mixed';

/** Where the data of an answer begins. */
export const DATA_START = 2;

const READ_HOLDING_REGISTERS = 3;

/** What registers hold, in hundredths of all factors, after public register maps: mostly 16 bits, the odd counter of 64. */
const TYPES: readonly (readonly [share: number, DataType])[] = [
  [36, 'int16'],
  [24, 'uint16'],
  [18, 'float32'],
  [10, 'uint32'],
  [7, 'int32'],
  [3, 'uint64'],
  [2, 'float64'],
];

/** 5 to 10 % of real sensors send the low register first. */
const ORDERS: readonly (readonly [share: number, DataEndian])[] = [
  [88, 'ABCD'],
  [9, 'CDAB'],
  [2, 'DCBA'],
  [1, 'BADC'],
];

const SCALINGS: readonly (readonly [share: number, { data_factor: number; data_delta: number }])[] = [
  [32, { data_factor: 1, data_delta: 0 }],
  [38, { data_factor: 0.1, data_delta: 0 }],
  [15, { data_factor: 0.01, data_delta: 0 }],
  [8, { data_factor: 0.001, data_delta: 0 }],
  [5, { data_factor: 0.1, data_delta: -40 }],
  [2, { data_factor: 0.0625, data_delta: 1.5 }],
];

/** Devices of so many factors each, with so many polls each; the same for the same seed. */
export function registerMaps(
  mix: Mix,
  size: { readonly devices: number; readonly factors: number; readonly polls: number },
  seed: number,
): RegisterMap[] {
  const random = seededRandom(seed);
  return Array.from({ length: size.devices }, () => registerMap(mix, size.factors, size.polls, random));
}

function registerMap(mix: Mix, size: number, polls: number, random: Random): RegisterMap {
  const reads = [new ReadLayout(0)];
  for (let number = 0; number < size; number += 1) {
    const kind: Kind =
      mix === 'int16'
        ? { data_type: 'int16', data_endian: 'ABCD', data_factor: 0.1, data_delta: 0 }
        : { data_type: pick(TYPES, random), data_endian: pick(ORDERS, random), ...pick(SCALINGS, random) };
    let read = reads.at(-1) as ReadLayout;
    if (!read.takes(kind)) {
      read = new ReadLayout(read.address + read.count);
      reads.push(read);
    }
    read.add(kind, `d-1000-abcd-1-${number}`, random);
  }
  return {
    factors: reads.flatMap(({ factors }) => factors),
    reads: reads.map((read) => ({
      address: read.address,
      count: read.count,
      factors: read.factors,
      answers: read.answers(polls),
    })),
  };
}

interface Kind {
  readonly data_type: DataType;
  readonly data_endian: DataEndian;
  readonly data_factor: number;
  readonly data_delta: number;
}

/** A read that is being filled with factors side by side. */
class ReadLayout {
  readonly address: number;
  readonly factors: Factor[] = [];
  readonly #sensors: (() => Buffer)[] = [];
  count = 0;

  constructor(address: number) {
    this.address = address;
  }

  takes(kind: Kind): boolean {
    return this.count + widthOf(kind) <= MAX_READ_REGISTERS;
  }

  add(kind: Kind, label: string, random: Random): void {
    const { address, count } = this;
    const definition = {
      ...kind,
      unit: 1,
      address,
      data_index: count,
      modbus_type: 'holding',
      the_type: 'temp',
    };
    this.factors.push({ ...factorDefinitionSchema.parse(definition), agri_id: agriId(label) });
    this.#sensors.push(sensor(kind.data_type, random));
    this.count += widthOf(kind);
  }

  answers(polls: number): Buffer[] {
    const length = DATA_START + this.count * 2;
    const bytes = Buffer.alloc(polls * length);
    return Array.from({ length: polls }, (_, poll) => {
      const answer = bytes.subarray(poll * length, (poll + 1) * length);
      answer[0] = READ_HOLDING_REGISTERS;
      answer[1] = this.count * 2;
      for (const [at, factor] of this.factors.entries()) {
        const raw = this.#sensors[at]?.() ?? Buffer.alloc(0);
        answer.set(onWire(raw, factor.data_endian), DATA_START + factor.data_index * 2);
      }
      return answer;
    });
  }
}

function widthOf({ data_type }: Kind): number {
  return factorWidth({ modbus_type: 'holding', data_type });
}

function onWire(raw: Buffer, order: DataEndian): Buffer {
  const value = Buffer.from(raw);
  if (order === 'ABCD') return value;
  if (order === 'DCBA') return value.reverse();
  if (order === 'BADC') return value.swap16();
  return value.swap16().reverse();
}

/**
 * Raw numbers of a type as registers hold them, most significant byte first: integers of every size; measurements up to 2000 with one to
 * three decimals, or, for every third float32, with as many as the format has.
 */
function sensor(type: DataType, random: Random): () => Buffer {
  const bytes = Buffer.alloc(factorWidth({ modbus_type: 'holding', data_type: type }) * 2);
  const whole = (from: number, to: number): number => Math.floor(from + random() * (to - from));
  const power = 10 ** whole(1, 4);
  const isFine = type === 'float32' && whole(0, 3) === 0;
  const measurement = (): number => (isFine ? random() * 2000 : whole(-20 * power, 2000 * power) / power);
  const writers: Partial<Record<DataType, () => void>> = {
    int16: () => bytes.writeInt16BE(whole(-0x8000, 0x8000)),
    uint16: () => bytes.writeUInt16BE(whole(0, 0x10000)),
    int32: () => bytes.writeInt32BE(whole(-(2 ** 31), 2 ** 31)),
    uint32: () => bytes.writeUInt32BE(whole(0, 2 ** 32)),
    uint64: () => bytes.writeBigUInt64BE(BigInt(whole(0, 2 ** 40))),
    float32: () => bytes.writeFloatBE(measurement()),
    float64: () => bytes.writeDoubleBE(measurement()),
  };
  const write = writers[type];
  if (write === undefined) throw new Error(`no sensor measures ${type}`);
  return () => {
    write();
    return bytes;
  };
}

/** One of the options, each as often as its share of 100 says. */
function pick<T>(options: readonly (readonly [share: number, T])[], random: Random): T {
  let left = random() * 100;
  for (const [share, option] of options) {
    left -= share;
    if (left < 0) return option;
  }
  throw new Error('the shares are less than 100 in all');
}
