import { crc16 } from '@furrow/decoding';
import { DEVICE_ATTRIBUTE } from '@furrow/queue';
import type { ReplaySource, SourceEntry, SourceMessage } from '../source/source-message.ts';
import { mix, mixShare } from './mix.ts';
import { POISONS } from './poison.ts';
import {
  SYNTHETIC_PROJECT,
  type SyntheticFactor,
  syntheticDevice,
  syntheticFactorId,
  syntheticFactors,
  syntheticOrg,
} from './synthetic-fleet.ts';
import { describeSpec, type SyntheticSpec } from './synthetic-spec.ts';

/** The end of every synthetic recording; replays move it to now unless told otherwise. */
export const SYNTHETIC_NEWEST = Date.UTC(2026, 0, 1);

/** Reads that a device keeps over an outage at most; older ones are lost, as on a gateway. */
const MOST_KEPT_READS = 200;

/** What a number of {@link mix} is drawn for, so that no two draws are the same. */
const DRAW = {
  phase: 2,
  value: 3,
  jitter: 4,
  outage: 5,
  duplicate: 6,
  disorder: 7,
  poison: 8,
  burst: 9,
} as const;

interface Due {
  readonly device: number;
  readonly at: number;
}

/**
 * The messages of a fleet that exists only here. Everything follows from the spec: the same seed gives the same bytes, and memory holds
 * a few numbers for each device whatever the length.
 */
export function syntheticSource(spec: SyntheticSpec): ReplaySource {
  return {
    description: `a synthetic fleet (${describeSpec(spec)})`,
    newest: SYNTHETIC_NEWEST,
    messages: ticksOf(spec) * spec.devices,
    repeatable: true,
    entries: async function* () {
      yield* new SyntheticFleet(spec).entries();
    },
  };
}

function ticksOf({ for: lasting, interval }: SyntheticSpec): number {
  return Math.floor(lasting / interval);
}

class SyntheticFleet {
  readonly #spec: SyntheticSpec;
  readonly #factors: readonly SyntheticFactor[];
  readonly #ids: readonly string[];
  /** By device: the first tick that was not sent yet, while its connection is lost; -1 otherwise. */
  readonly #lostSince: Int32Array;
  /** By device: a message that waits for the next one of its device to overtake it. */
  readonly #overtaken = new Map<number, SourceMessage>();
  #poisons = 0;

  constructor(spec: SyntheticSpec) {
    this.#spec = spec;
    this.#factors = syntheticFactors(spec.factors);
    this.#ids = Array.from({ length: spec.devices }, (_, device) => syntheticDevice(device, spec));
    this.#lostSince = new Int32Array(spec.devices).fill(-1);
  }

  *entries(): Generator<SourceEntry> {
    const ticks = ticksOf(this.#spec);
    for (let tick = 0; tick < ticks; tick += 1) {
      for (const { device, at } of this.#sendersOf(tick)) {
        const message = this.#messageOf(device, tick, at, ticks);
        if (message !== undefined) yield* this.#deliver(device, tick, message, at, ticks);
      }
    }
    for (const message of this.#overtaken.values()) yield { ok: true, message };
  }

  /** The devices in the order in which their messages of one tick arrive. */
  #sendersOf(tick: number): readonly Due[] {
    const { seed, interval, devices, bursts, jitter } = this.#spec;
    const burst = mixShare(seed, DRAW.burst, tick) < bursts;
    const start = this.#timeOf(tick);
    const senders = Array.from({ length: devices }, (_, device) => {
      const phase = burst ? 0 : mixShare(seed, DRAW.phase, device) * (interval - jitter);
      const late =
        mixShare(seed, DRAW.jitter, device, tick) * (burst ? Math.min(jitter, interval / 100) : jitter);
      return { device, at: Math.floor(start + phase + late) };
    });
    return senders.sort((a, b) => a.at - b.at || a.device - b.device);
  }

  /** When the devices read for the tick: the last tick ends at {@link SYNTHETIC_NEWEST}. */
  #timeOf(tick: number): number {
    return SYNTHETIC_NEWEST - (ticksOf(this.#spec) - tick) * this.#spec.interval;
  }

  /** What a device sends at a tick: its read, or all that it kept when a lost connection is back; undefined while it is lost. */
  #messageOf(device: number, tick: number, at: number, ticks: number): SourceMessage | undefined {
    const { seed, outages, outage, interval } = this.#spec;
    const since = this.#lostSince[device] ?? -1;
    const last = tick === ticks - 1;
    if (since < 0) {
      if (last || mixShare(seed, DRAW.outage, device, tick) >= outages)
        return this.#uplink(device, tick, tick, at);
      this.#lostSince[device] = tick;
      return undefined;
    }
    if (!last && (tick - since) * interval < outage) return undefined;
    this.#lostSince[device] = -1;
    return this.#uplink(device, Math.max(since, tick - MOST_KEPT_READS + 1), tick, at);
  }

  /** The message with its poison, its copy and its change of place. */
  *#deliver(
    device: number,
    tick: number,
    message: SourceMessage,
    at: number,
    ticks: number,
  ): Generator<SourceEntry> {
    const { seed, duplicates, disorder, poison } = this.#spec;
    const before = this.#overtaken.get(device);
    this.#overtaken.delete(device);
    if (tick < ticks - 1 && mixShare(seed, DRAW.disorder, device, tick) < disorder && !before) {
      this.#overtaken.set(device, message);
    } else {
      yield { ok: true, message };
      if (mixShare(seed, DRAW.duplicate, device, tick) < duplicates) yield { ok: true, message };
    }
    if (before) yield { ok: true, message: before };
    if (mixShare(seed, DRAW.poison, device, tick) < poison)
      yield { ok: true, message: this.#poison(device, at) };
  }

  #uplink(device: number, from: number, to: number, at: number): SourceMessage {
    const { form } = this.#spec;
    const id = this.#ids[device] ?? '';
    const orgId = syntheticOrg(device, this.#spec);
    const asFrames = form === 'frames' || (form === 'mixed' && (device + to) % 2 === 1);
    const entries: object[] = [];
    for (let tick = from; tick <= to; tick += 1) {
      if (asFrames) entries.push(this.#frame(device, tick));
      else entries.push(...this.#items(id, device, tick));
    }
    const envelope = { v: 1, org_id: orgId, project_id: SYNTHETIC_PROJECT, device: id, received_at: at };
    const body = form === 'flat' ? entries : { ...envelope, [asFrames ? 'frames' : 'items']: entries };
    return {
      body: JSON.stringify(body),
      attributes: [{ name: DEVICE_ATTRIBUTE, type: 'String', value: id }],
      groupId: orgId,
      device: id,
      where: `${id} at ${new Date(this.#timeOf(to)).toISOString()}`,
    };
  }

  #raw(device: number, factor: number, tick: number): number {
    const bits = mix(this.#spec.seed ^ DRAW.value, device, factor, tick);
    return this.#factors[factor]?.kind.raw(bits) ?? 0;
  }

  #items(id: string, device: number, tick: number): object[] {
    const t = this.#timeOf(tick);
    return this.#factors.map((factor, index) => ({
      agri_id: syntheticFactorId(id, factor),
      value: this.#raw(device, index, tick),
      t,
      the_type: factor.kind.definition.the_type,
    }));
  }

  /** The RTU answer to one read of all registers of the device. */
  #frame(device: number, tick: number): object {
    const registers = this.#factors.reduce((sum, { kind }) => sum + kind.registers, 0);
    const bytes = new Uint8Array(3 + registers * 2 + 2);
    const view = new DataView(bytes.buffer);
    bytes.set([1, 3, registers * 2]);
    for (const [index, { kind, dataIndex }] of this.#factors.entries()) {
      kind.write(view, 3 + dataIndex * 2, this.#raw(device, index, tick));
    }
    view.setUint16(bytes.length - 2, crc16(bytes.subarray(0, -2)), true);
    const hex = Buffer.from(bytes).toString('hex');
    return { unit: 1, modbus_type: 'holding', address: 0, framing: 'rtu', hex, t: this.#timeOf(tick) };
  }

  #poison(device: number, t: number): SourceMessage {
    const poison = POISONS[this.#poisons % POISONS.length];
    this.#poisons += 1;
    const id = this.#ids[device] ?? '';
    const [factor] = this.#factors;
    const orgId = syntheticOrg(device, this.#spec);
    const healthy = {
      orgId,
      projectId: SYNTHETIC_PROJECT,
      device: id,
      factor: factor ? syntheticFactorId(id, factor) : '',
      t,
    };
    return {
      body: poison?.body(healthy) ?? '',
      attributes: [{ name: DEVICE_ATTRIBUTE, type: 'String', value: id }],
      groupId: orgId,
      device: id,
      where: `poison ${this.#poisons}`,
      ...(poison && { poison: poison.reason }),
    };
  }
}
