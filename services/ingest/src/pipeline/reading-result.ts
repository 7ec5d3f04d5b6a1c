import {
  type AgriId,
  formatIssues,
  type ParseResult,
  type Point,
  type Reject,
  shorten,
  type Uplink,
} from '@furrow/contracts';
import type { AuthorizedDevice, FindOwner, Refusal } from './authorize.ts';

/** What became of one reading. */
export type ReadingResult =
  | { readonly ok: true; readonly point: Point }
  | { readonly ok: false; readonly reject: Reject };

/** What the judgement of a reading needs beside the reading. */
export interface UplinkContext {
  readonly uplink: Uplink;
  readonly findOwner: FindOwner;
  /** The time of a reading that carries none, by its agri_id. */
  readonly arrival: (agriId: AgriId) => number;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/** A point of the uplink. */
export function accept(
  context: UplinkContext,
  authorized: AuthorizedDevice,
  reading: { readonly agriId: AgriId; readonly theType: string; readonly t: number; readonly value: number },
): ReadingResult {
  const { agriId, theType, t, value } = reading;
  const { device, projectId } = authorized;
  const { receivedAt: version, device: sender = device.agriId } = context.uplink;
  return {
    ok: true,
    point: { agriId, t, value, version, device: sender, orgId: device.orgId, projectId, theType },
  };
}

/** A reading refused at `path`; `received` is what stood there. */
export function reject(refusal: Refusal, path: string, received: unknown, agriId?: AgriId): ReadingResult {
  const { reason, message } = refusal;
  return {
    ok: false,
    reject: { reason, message, path, received: shorten(received), ...(agriId && { agriId }) },
  };
}

/** An entry that has not the form of an item or a frame. */
export function rejectForm(parsed: Extract<ParseResult<never>, { ok: false }>, path: string): ReadingResult {
  const [first] = parsed.issues;
  const message = formatIssues(parsed.issues);
  return {
    ok: false,
    reject: {
      reason: parsed.reason,
      message,
      path: first?.path ?? path,
      ...(first && { received: first.received }),
    },
  };
}
