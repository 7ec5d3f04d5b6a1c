import type { AgriId } from '@furrow/contracts';
import type { Random } from '../bench/random.ts';
import { type ChaosDevice, DEVICES, FACTORS, FRAME_REGISTERS, factorId } from './chaos-fleet.ts';
import { POISON, type Poison } from './poison.ts';
import { registersOf, rtuFrame } from './registers.ts';

/** How an item writes its reading, and any entry its time. */
const FORMS = ['value', 'v', 'text', 'raw', 'scaled'] as const;
const TIMES = ['milliseconds', 'seconds', 'text'] as const;

interface PlannedItem {
  readonly factor: number;
  readonly n: number;
  readonly form: (typeof FORMS)[number];
  readonly time: (typeof TIMES)[number];
  /** The time of the reading, in milliseconds after the load began by the right clock. */
  readonly tMs: number;
  /** The store is to refuse it. */
  readonly refused: boolean;
}

interface PlannedFrame {
  readonly framing: 'rtu' | 'registers';
  readonly time: (typeof TIMES)[number];
  readonly tMs: number;
  /** The raw number of each factor's reading. */
  readonly n: readonly number[];
}

/** What a device sends at once, and which way: through the API, or straight to the queue in one of the two forms. */
export interface PlannedUplink {
  readonly kind: 'uplink';
  readonly atMs: number;
  readonly route: 'api' | 'flat' | 'envelope';
  readonly device: number;
  /** A flat form with the message attribute that names its device. */
  readonly namesDevice: boolean;
  readonly items: readonly PlannedItem[];
  readonly frames: readonly PlannedFrame[];
}

export interface PlannedPoison {
  readonly kind: 'poison';
  readonly atMs: number;
  readonly poison: Poison;
  readonly device: number;
  readonly n: number;
  readonly tMs: number;
}

export type PlannedMessage = PlannedUplink | PlannedPoison;

export interface LoadOptions {
  readonly loadMs: number;
  /** Readings a second, over the whole run. */
  readonly rate: number;
}

/** One message in a hundred is poison, more in a run so short that some kind would be missing. */
const POISON_SHARE = 0.01;
const REFUSED_SHARE = 0.003;
const MEAN_READINGS = 5;
/** Raw numbers begin here; float registers hold them exactly up to 2^24. */
const FIRST_N = 1000;

/** Every message of a run in the order of its time: the same random numbers give the same messages. */
export function* planLoad({ loadMs, rate }: LoadOptions, random: Random): Generator<PlannedMessage> {
  const messages = (rate * loadMs) / 1000 / MEAN_READINGS;
  const poisonShare = Math.max(POISON_SHARE, (1.5 * POISON.length) / messages);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const lastMs = DEVICES.map(() => Number.NEGATIVE_INFINITY);
  let n = FIRST_N;
  let poisons = 0;
  const nextMs = (device: number, atMs: number): number => {
    const t = Math.max(Math.floor(atMs), (lastMs[device] ?? 0) + 1);
    lastMs[device] = t;
    return t;
  };
  for (let atMs = 0; atMs < loadMs; ) {
    const device = Math.floor(random() * DEVICES.length);
    if (random() < poisonShare) {
      const poison = POISON[poisons++ % POISON.length] as Poison;
      yield { kind: 'poison', atMs, poison, device, n: n++, tMs: nextMs(device, atMs) };
      continue;
    }
    const route = pick(['api', 'api', 'api', 'flat', 'envelope'] as const);
    const frames: PlannedFrame[] = [];
    const items: PlannedItem[] = [];
    if (route !== 'flat' && random() < 0.4) {
      const tMs = nextMs(device, atMs);
      const numbers = FACTORS.map(() => n++);
      frames.push({ framing: pick(['rtu', 'registers'] as const), time: pick(TIMES), tMs, n: numbers });
    }
    const sets = frames.length === 0 ? 1 + Math.floor(random() * 3) : Math.floor(random() * 2);
    for (let set = 0; set < sets; set += 1) {
      const tMs = nextMs(device, atMs);
      FACTORS.forEach((_, factor) => {
        if (random() < 0.4 && items.length + frames.length > 0) return;
        const refused = random() < REFUSED_SHARE;
        items.push({ factor, n: n++, form: pick(FORMS), time: pick(TIMES), tMs, refused });
      });
    }
    yield { kind: 'uplink', atMs, route, device, namesDevice: random() < 0.5, items, frames };
    atMs += ((items.length + frames.length * FACTORS.length) * 1000) / rate;
  }
}

/** A reading as the audit wants to find it. */
export interface ExpectedReading {
  readonly agriId: AgriId;
  readonly t: number;
  readonly value: number;
  readonly refused: boolean;
}

/** An uplink with real times: its entries as a gateway writes them, and what must become of them. */
export interface RenderedUplink {
  readonly device: ChaosDevice;
  readonly items: readonly Record<string, unknown>[];
  readonly frames: readonly Record<string, unknown>[];
  readonly readings: readonly ExpectedReading[];
}

/** Puts an uplink on the clock: `startMs` is when the load began, milliseconds since 1970 UTC. The gateway's clock is off by its skew. */
export function renderUplink(uplink: PlannedUplink, startMs: number): RenderedUplink {
  const device = DEVICES[uplink.device] as ChaosDevice;
  const readings: ExpectedReading[] = [];
  const expect = (index: number, n: number, t: number, refused: boolean): AgriId => {
    const factor = FACTORS[index] as (typeof FACTORS)[number];
    const agriId = factorId(device.agriId, factor);
    readings.push({ agriId, t, value: factor.value(n), refused });
    return agriId;
  };
  const items = uplink.items.map(({ factor, n, form, time, tMs, refused }) => {
    const t = startMs + tMs + device.skewMs;
    return { agri_id: expect(factor, n, t, refused), ...reading(factor, n, form), t: writeTime(t, time) };
  });
  const frames = uplink.frames.map((frame) => {
    const t = startMs + frame.tMs + device.skewMs;
    for (const [factor, n] of frame.n.entries()) expect(factor, n, t, false);
    const registers = FACTORS.map((factor, index) => registersOf(factor, frame.n[index] ?? 0)).join('');
    if (registers.length !== FRAME_REGISTERS * 4) throw new Error('a frame carries every factor');
    const hex = frame.framing === 'rtu' ? rtuFrame(registers) : registers;
    return {
      unit: 1,
      modbus_type: 'holding',
      address: 0,
      framing: frame.framing,
      hex,
      t: writeTime(t, frame.time),
    };
  });
  return { device, items, frames, readings };
}

function reading(index: number, n: number, form: PlannedItem['form']): Record<string, unknown> {
  const factor = FACTORS[index] as (typeof FACTORS)[number];
  switch (form) {
    case 'raw':
      return { raw: registersOf(factor, n) };
    case 'scaled':
      return { value: factor.value(n), scaled: true };
    case 'text':
      return { value: String(n) };
    default:
      return { [form]: n };
  }
}

function writeTime(t: number, time: (typeof TIMES)[number]): number | string {
  if (time === 'text') return new Date(t).toISOString();
  return time === 'seconds' ? t / 1000 : t;
}
