import { type Point, parseTimestamp } from '@furrow/contracts';
import type { PlannedFactor } from '@furrow/decoding';
import type { DevicePlan } from '@furrow/registry';
import type { PlainSender } from './plain-sender.ts';
import { acceptDecoded, pointOf } from './reading-result.ts';
import { isInWindow } from './reading-time.ts';

/** A factor of a device, and the one whose item came after its item the last time. */
interface Expected {
  readonly agriId: string;
  readonly planned: PlannedFactor;
  next: Expected | undefined;
}

/** The order in which each device's items come, learnt as they come; gone with the plan. */
const orders = new WeakMap<DevicePlan, Map<string, Expected>>();

/**
 * Reads the items that nearly every message is made of: a number under `value` for an enabled factor of the sender itself, with a numeric
 * time inside the window. Everything that `readItem` checks is checked here too, only sooner: an agri_id that equals a registered one of
 * the sender has the right form and the right prefix. Any other item is left to `readItem`, whose verdict on a plain item is the same.
 */
export class PlainItems {
  readonly #sender: PlainSender;
  readonly #order: Map<string, Expected>;
  #last: Expected | undefined;

  constructor(sender: PlainSender) {
    const { plans } = sender.authorized;
    const order = orders.get(plans) ?? new Map<string, Expected>();
    orders.set(plans, order);
    this.#sender = sender;
    this.#order = order;
  }

  /** The point of a plain item; undefined for every other item. */
  read(json: unknown): Point | undefined {
    if (!isPlain(json)) return undefined;
    const expected = this.#find(json.agri_id);
    if (expected === undefined) return undefined;
    const { context, authorized } = this.#sender;
    const t = parseTimestamp(json.t);
    if (t === undefined || !isInWindow(t, context.now)) return undefined;
    const { planned } = expected;
    const scaled = json.scaled ?? authorized.device.scaled;
    const value = planned.plainReading(json.value, scaled);
    if (Number.isFinite(value)) return pointOf(context, authorized, planned.factor, t, value);
    const decoded = planned.fromReading(json.value, scaled);
    return decoded.ok ? acceptDecoded(context, authorized, planned.factor, t, decoded) : undefined;
  }

  #find(agriId: string): Expected | undefined {
    const guess = this.#last?.next;
    const found = guess?.agriId === agriId ? guess : this.#lookUp(agriId);
    if (found !== undefined) this.#last = found;
    return found;
  }

  #lookUp(agriId: string): Expected | undefined {
    const known = this.#order.get(agriId) ?? this.#meet(agriId);
    if (known !== undefined && this.#last !== undefined) this.#last.next = known;
    return known;
  }

  #meet(agriId: string): Expected | undefined {
    const planned = this.#sender.authorized.plans.plan.find(agriId);
    if (!planned?.factor.enabled) return undefined;
    const met = { agriId: planned.factor.agri_id, planned, next: undefined };
    this.#order.set(agriId, met);
    return met;
  }
}

interface PlainItem {
  readonly agri_id: string;
  readonly value: number;
  readonly t: number;
  readonly scaled?: boolean;
}

/** An object with exactly one reading, a number, and a time that is a number; no organization of its own. */
function isPlain(json: unknown): json is PlainItem {
  const item = json as Partial<
    Record<'agri_id' | 'value' | 'v' | 'raw' | 't' | 'scaled' | 'org_id', unknown>
  > | null;
  return (
    typeof item === 'object' &&
    item !== null &&
    typeof item.agri_id === 'string' &&
    typeof item.value === 'number' &&
    typeof item.t === 'number' &&
    item.v === undefined &&
    item.raw === undefined &&
    item.org_id === undefined &&
    (item.scaled === undefined || typeof item.scaled === 'boolean')
  );
}
