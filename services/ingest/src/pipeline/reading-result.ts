import {
  type AgriId,
  type Factor,
  formatIssues,
  type ParseResult,
  type Point,
  type Reject,
  shorten,
  type Uplink,
} from '@furrow/contracts';
import type { Decoded } from '@furrow/decoding';
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
  /** Takes what stood in a frame beside its answer, in words. */
  readonly notes: string[];
}

/** The point of a reading whose value is plain. */
export function pointOf(
  { uplink }: UplinkContext,
  { device, projectId }: AuthorizedDevice,
  factor: Factor,
  t: number,
  value: number,
): Point {
  return {
    agriId: factor.agri_id,
    t,
    value,
    version: uplink.receivedAt,
    device: uplink.device ?? device.agriId,
    orgId: device.orgId,
    projectId,
    theType: factor.the_type,
  };
}

/** The point of a decoded reading, with the mark and the label that it bears. */
export function acceptDecoded(
  context: UplinkContext,
  authorized: AuthorizedDevice,
  factor: Factor,
  t: number,
  decoded: Decoded & { readonly ok: true },
): Point {
  const { value, inexact, label } = decoded;
  const point = pointOf(context, authorized, factor, t, value);
  if (inexact === undefined && label === undefined) return point;
  return { ...point, ...(inexact && { inexact }), ...(label !== undefined && { label }) };
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
