import { isDeepStrictEqual } from 'node:util';
import {
  type AgriId,
  arrivalTimes,
  belongsTo,
  type Item,
  MAX_AHEAD_MS,
  parseFrame,
  parseItem,
  parseTimestamp,
  RETENTION_MS,
  type RejectReason,
} from '@furrow/contracts';
import type { Decoded, PlannedFactor } from '@furrow/decoding';
import type { OutgoingUplink } from '../target/replay-target.ts';
import type { ReplayUplink } from '../time/read-uplink.ts';
import type { BookedDevice, PlanBook } from './plan-book.ts';

/** A point that must be readable afterwards. */
export interface ExpectedPoint {
  readonly agriId: AgriId;
  /** Milliseconds since 1970 UTC. */
  readonly t: number;
  readonly value: number;
}

/** What must become of a message. */
export interface Judgement {
  readonly points: readonly ExpectedPoint[];
  /** Readings that must be refused, by reason. */
  readonly refused: ReadonlyMap<RejectReason, number>;
  /** Readings of which this replay cannot say what must be stored, by why. */
  readonly unverifiable: ReadonlyMap<string, number>;
  /** All readings of the message: those above, each once. */
  readonly readings: number;
  /** Which of two values for one key wins: the higher. 0 where the target decides by the order of arrival. */
  readonly version: number;
}

/** What must become of one reading. */
type Verdict =
  | { readonly kind: 'point'; readonly point: ExpectedPoint }
  | { readonly kind: 'refused'; readonly reason: RejectReason }
  | { readonly kind: 'unverifiable'; readonly why: string };

const NO_TIME: Verdict = { kind: 'unverifiable', why: 'it has no time of its own' };
const NO_FLEET: Verdict = {
  kind: 'unverifiable',
  why: 'a raw reading or frame of a device that no fleet file describes',
};

const NO_SCALE: Verdict = {
  kind: 'unverifiable',
  why: 'it does not say whether it is scaled, and the API does not tell that of its device',
};

/** The time of a reading that has none of its own, by its agri_id; undefined where the target gives it one. */
type Arrival = ((id: string) => number) | undefined;

/**
 * Works out what a message must lead to, from the fleet file and the decoder alone and not by way of the worker's pipeline. Without the
 * device in the fleet file only readings that say `scaled: true` can be told.
 */
export class Judge {
  readonly #plans: PlanBook | undefined;
  readonly #throughApi: boolean;
  readonly #now: () => number;

  constructor(options: {
    readonly plans: PlanBook | undefined;
    readonly throughApi: boolean;
    readonly now: () => number;
  }) {
    this.#plans = options.plans;
    this.#throughApi = options.throughApi;
    this.#now = options.now;
  }

  /** `problem` says why the body is no uplink. */
  judge({ uplink }: OutgoingUplink, problem: RejectReason = 'schema_invalid'): Judgement {
    const version = this.#throughApi ? 0 : (uplink?.receivedAt ?? 0);
    if (uplink === undefined) return sumUp([refused(problem)], version);
    const received = this.#throughApi ? undefined : uplink.receivedAt;
    const arrival = received === undefined ? undefined : arrivalTimes(received);
    const items = uplink.items.map((item) => this.#judgeItem(item, uplink, arrival));
    const frames = uplink.frames.flatMap((frame) => this.#judgeFrame(frame, uplink));
    return sumUp([...items, ...frames], version);
  }

  #judgeItem(json: unknown, uplink: ReplayUplink, arrival: Arrival): Verdict {
    const parsed = parseItem(json, 'item');
    if (!parsed.ok) return refused(parsed.reason);
    const item = parsed.value;
    const { agriId, orgId } = item;
    const { device } = uplink;
    if (device !== undefined && !belongsTo(agriId, device)) return refused('prefix_mismatch');
    const sender = device === undefined ? this.#plans?.ownerOf(agriId) : this.#plans?.find(device);
    const t = item.t ?? arrival?.(agriId);
    if (sender === undefined) return this.#judgeUnknown(item, t);
    const refusal = refusalOf(sender, orgId ?? uplink.orgId);
    if (refusal) return refused(refusal);
    const found = this.#plans?.factorOf(sender, agriId);
    if (!found) return refused('unknown_factor');
    if (!found.device.allow) return refused('device_blocked');
    if (!found.planned.factor.enabled) return refused('factor_disabled');
    const decoded = decode(item, found.planned, found.device.scaled);
    if (decoded) return this.#verdict(agriId, t, decoded);
    const late = this.#timeRefusal(t);
    return late ? refused(late) : NO_SCALE;
  }

  /** Of a device that is not described, an engineering value is what will be stored, if anything is. */
  #judgeUnknown({ agriId, reading, scaled }: Item, t: unknown): Verdict {
    if (scaled !== true || (typeof reading !== 'number' && typeof reading !== 'string')) return NO_FLEET;
    const value = Number(reading);
    return Number.isFinite(value) ? this.#verdict(agriId, t, { ok: true, value }) : refused('not_finite');
  }

  #judgeFrame(json: unknown, { device, orgId, receivedAt }: ReplayUplink): Verdict[] {
    const parsed = parseFrame(json, 'frame');
    if (!parsed.ok) return [refused(parsed.reason)];
    if (device === undefined) return [refused('unknown_device')];
    const sender = this.#plans?.find(device);
    if (!sender) return [NO_FLEET];
    const refusal = refusalOf(sender, orgId);
    if (refusal) return [refused(refusal)];
    const t = parsed.value.t ?? (this.#throughApi ? undefined : receivedAt);
    const late = this.#timeRefusal(t);
    if (late) return [refused(late)];
    const decoded = sender.plan.decodeFrame(parsed.value);
    if (!decoded.ok) return [refused(decoded.reason)];
    return decoded.readings.map(({ factor, result }) => this.#verdict(factor.agri_id, t, result));
  }

  #verdict(agriId: AgriId, t: unknown, decoded: Decoded): Verdict {
    const refusal = this.#timeRefusal(t) ?? (decoded.ok ? undefined : decoded.reason);
    if (refusal || !decoded.ok) return refused(refusal ?? 'decode_failed');
    const at = parseTimestamp(t);
    return at === undefined ? NO_TIME : { kind: 'point', point: { agriId, t: at, value: decoded.value } };
  }

  /** Why a reading with this time is refused; undefined too for one without a time, which gets a good one on its way. */
  #timeRefusal(t: unknown): RejectReason | undefined {
    if (t === undefined) return undefined;
    const at = parseTimestamp(t);
    if (at === undefined) return 'bad_timestamp';
    const now = this.#now();
    if (at > now + MAX_AHEAD_MS) return 'in_future';
    return at < now - RETENTION_MS ? 'too_old' : undefined;
  }
}

/** Undefined where it depends on whether the device's gateway scales, and nobody says. */
function decode(
  { reading = null, raw, scaled }: Item,
  planned: PlannedFactor,
  deviceScales: boolean | undefined,
): Decoded | undefined {
  if (raw !== undefined) return planned.fromRaw(raw);
  const known = scaled ?? deviceScales;
  if (known !== undefined) return planned.fromReading(reading, known);
  const either = [planned.fromReading(reading, true), planned.fromReading(reading, false)] as const;
  return isDeepStrictEqual(...either) ? either[0] : undefined;
}

function refusalOf(device: BookedDevice, orgId: string | undefined): RejectReason | undefined {
  if (orgId !== undefined && device.orgId !== undefined && orgId !== device.orgId) return 'unknown_device';
  return device.allow ? undefined : 'device_blocked';
}

function refused(reason: RejectReason): Verdict {
  return { kind: 'refused', reason };
}

function sumUp(verdicts: readonly Verdict[], version: number): Judgement {
  const points: ExpectedPoint[] = [];
  const reasons = new Map<RejectReason, number>();
  const unverifiable = new Map<string, number>();
  for (const verdict of verdicts) {
    if (verdict.kind === 'point') points.push(verdict.point);
    else if (verdict.kind === 'refused') reasons.set(verdict.reason, (reasons.get(verdict.reason) ?? 0) + 1);
    else unverifiable.set(verdict.why, (unverifiable.get(verdict.why) ?? 0) + 1);
  }
  return { points, refused: reasons, unverifiable, readings: verdicts.length, version };
}
