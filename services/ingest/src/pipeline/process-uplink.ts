import { arrivalTimes, MAX_AHEAD_MS, type Point, type Reject, type Uplink } from '@furrow/contracts';
import type { FindOwner, Refusal } from './authorize.ts';
import { readPlainFrame } from './plain-frames.ts';
import { PlainItems } from './plain-items.ts';
import { plainSender } from './plain-sender.ts';
import { readFrame } from './read-frame.ts';
import { readItem } from './read-item.ts';
import { type ReadingResult, reject, type UplinkContext } from './reading-result.ts';

/** What became of an uplink's readings: every one is a point or a reject. */
export interface ProcessedUplink {
  /** How many readings were in it: one an item, one a factor inside a frame, one for a frame that is refused whole. */
  readonly readings: number;
  readonly points: readonly Point[];
  readonly rejects: readonly Reject[];
  /** What stood in frames beside their answers and was left out (noise, text, an echo), each with its path; empty for most. */
  readonly notes: readonly string[];
}

/**
 * The pipeline as a pure function: an uplink, the plans of its devices and the clock (milliseconds since 1970 UTC) give points and
 * rejects. Each reading is judged by itself, so a bad one costs nothing but itself. Never throws.
 */
export function processUplink(uplink: Uplink, findOwner: FindOwner, now: number): ProcessedUplink {
  const context: UplinkContext = {
    uplink,
    findOwner,
    arrival: arrivalTimes(uplink.receivedAt),
    now,
    notes: [],
  };
  const points: Point[] = [];
  const rejects: Reject[] = [];
  const take = (result: ReadingResult): void => {
    if (result.ok) points.push(result.point);
    else rejects.push(result.reject);
  };
  const late = refuseLateClock(uplink, now);
  const sender = late ? undefined : plainSender(context);
  const plainItems = sender && new PlainItems(sender);
  for (const [index, json] of uplink.items.entries()) {
    const point = plainItems?.read(json);
    if (point !== undefined) {
      points.push(point);
      continue;
    }
    const path = `items[${index}]`;
    take(late ? reject(late, path, json) : readItem(json, path, context));
  }
  for (const [index, json] of uplink.frames.entries()) {
    if (sender && readPlainFrame(json, sender, points)) continue;
    const path = `frames[${index}]`;
    for (const result of late ? [reject(late, path, json)] : readFrame(json, path, context)) take(result);
  }
  return { readings: points.length + rejects.length, points, rejects, notes: context.notes };
}

/** A version from the future would win over every correction to come, so such a message is refused whole. */
function refuseLateClock(uplink: Uplink, now: number): Refusal | undefined {
  if (uplink.receivedAt <= now + MAX_AHEAD_MS) return undefined;
  const at = new Date(uplink.receivedAt).toISOString();
  return {
    ok: false,
    reason: 'in_future',
    message: `received_at, ${at}, is more than 15 minutes ahead of the clock`,
  };
}
