import type { KeptMessage } from './kept-message.ts';

/** The reason by which messages are found that are no envelopes. */
export const UNKNOWN_REASON = 'unknown';

/** Which kept messages are meant. What is left out excludes nothing; all that is given must hold. */
export interface KeptFilter {
  /** At least one reading was refused for one of these; `unknown` means messages that are no envelopes. */
  readonly reasons?: readonly string[];
  readonly orgId?: string;
  /** Its sender, or the device that a refused agri_id belongs to by the prefix rule. */
  readonly device?: string;
  /** Kept before this time, milliseconds since 1970 UTC. */
  readonly before?: number;
  /** Kept at this time or later. */
  readonly after?: number;
  /** Came back from this redrive. */
  readonly redriveId?: string;
  /** The id, or how it begins. */
  readonly id?: string;
}

/** True when the filter excludes nothing. */
export function isOpenFilter(filter: KeptFilter): boolean {
  return Object.values(filter).every((part) => part === undefined);
}

/** Whether a message is one of those that are meant. */
export function matchesKept(message: KeptMessage, filter: KeptFilter): boolean {
  const { reasons, orgId, device, before, after, redriveId, id } = filter;
  return (
    (reasons === undefined || reasons.some((reason) => hasReason(message, reason))) &&
    (orgId === undefined || message.orgId === orgId) &&
    (device === undefined || isOfDevice(message, device)) &&
    (before === undefined || message.since < before) &&
    (after === undefined || message.since >= after) &&
    (redriveId === undefined || message.redriveId === redriveId) &&
    (id === undefined || message.id.startsWith(id))
  );
}

function hasReason(message: KeptMessage, reason: string): boolean {
  if (reason === UNKNOWN_REASON) return message.kind === 'unknown';
  return Object.hasOwn(message.reasons, reason);
}

function isOfDevice({ device, refusedIds }: KeptMessage, wanted: string): boolean {
  if (device !== undefined) return device === wanted;
  return refusedIds.some((id) => id === wanted || id.startsWith(`${wanted}-`));
}
