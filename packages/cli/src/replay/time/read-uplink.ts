import { type AgriId, parseTimestamp, parseUplink, type RejectReason } from '@furrow/contracts';
import type { SourceMessage } from '../source/source-message.ts';

/** What a replay needs to know of an uplink before it is sent. */
export interface ReplayUplink {
  readonly form: 'envelope' | 'flat';
  readonly device: AgriId | undefined;
  readonly orgId: string | undefined;
  /** Milliseconds since 1970 UTC; undefined for the flat form, which has none of its own. */
  readonly receivedAt: number | undefined;
  readonly items: readonly unknown[];
  readonly frames: readonly unknown[];
  /** The latest moment that the message speaks of: when it was received, or its newest reading if that is later. */
  readonly newest: number | undefined;
  /** The earliest one. */
  readonly oldest: number | undefined;
}

export type ReadUplink =
  | { readonly ok: true; readonly uplink: ReplayUplink }
  | { readonly ok: false; readonly reason: RejectReason };

/** Reads a message's body. A body that is no uplink is a result, for it may be replayed all the same. Never throws. */
export function readUplink({ body, device }: Pick<SourceMessage, 'body' | 'device'>): ReadUplink {
  const parsed = parseUplink(body, { sentAt: 0, deviceAgriId: device });
  if (!parsed.ok) return { ok: false, reason: parsed.reason };
  const { items, frames, orgId } = parsed.value;
  const form = orgId === undefined ? 'flat' : 'envelope';
  const receivedAt = form === 'flat' ? undefined : parsed.value.receivedAt;
  let newest = receivedAt;
  let oldest = receivedAt;
  for (const list of [items, frames]) {
    for (const entry of list) {
      const t = timeOf(entry);
      if (t === undefined) continue;
      if (newest === undefined || t > newest) newest = t;
      if (oldest === undefined || t < oldest) oldest = t;
    }
  }
  const uplink = {
    form,
    device: parsed.value.device,
    orgId,
    receivedAt,
    items,
    frames,
    newest,
    oldest,
  } as const;
  return { ok: true, uplink };
}

/** When a recorded message arrived: when it was received, else its newest reading. */
export function arrivalOf({ receivedAt, newest }: ReplayUplink): number | undefined {
  return receivedAt ?? newest;
}

function timeOf(entry: unknown): number | undefined {
  if (typeof entry !== 'object' || entry === null || !('t' in entry)) return undefined;
  return parseTimestamp(entry.t);
}
