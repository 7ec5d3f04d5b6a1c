import {
  FRAME_HEX_MAX_LENGTH,
  FRAMINGS,
  type Frame,
  LAST_ADDRESS,
  MODBUS_TYPES,
  type Point,
  parseTimestamp,
} from '@furrow/contracts';
import type { PlainSender } from './plain-sender.ts';
import { pointOf } from './reading-result.ts';
import { isInWindow } from './reading-time.ts';

/**
 * Reads the frames that nearly every message with frames is made of: in the normal spelling, with a numeric time inside the window, every
 * factor in it decoded. Puts its points into `points` and returns true; any other frame is left to `readFrame`, whose verdict on a plain
 * frame is the same, and nothing is put.
 */
export function readPlainFrame(
  json: unknown,
  { context, authorized }: PlainSender,
  points: Point[],
): boolean {
  if (!isPlain(json)) return false;
  const t = parseTimestamp(json.t);
  if (t === undefined || !isInWindow(t, context.now)) return false;
  const decoded = authorized.plans.plan.decodePlainFrame(json);
  if (decoded === undefined) return false;
  const { factors, values } = decoded;
  let index = 0;
  for (const factor of factors)
    points.push(pointOf(context, authorized, factor, t, values[index++] ?? Number.NaN));
  return true;
}

const NORMAL_TABLES: ReadonlySet<unknown> = new Set(Object.keys(MODBUS_TYPES));
const NORMAL_FRAMINGS: ReadonlySet<unknown> = new Set(FRAMINGS);

/** The form of a frame, except that the digits of `hex` are left to the decoder. */
function isPlain(json: unknown): json is Frame & { readonly t: number } {
  const frame = json as Partial<Record<keyof Frame, unknown>> | null;
  return (
    typeof frame === 'object' &&
    frame !== null &&
    typeof frame.hex === 'string' &&
    frame.hex.length > 0 &&
    frame.hex.length <= FRAME_HEX_MAX_LENGTH &&
    typeof frame.t === 'number' &&
    isWhole(frame.unit, 255) &&
    isWhole(frame.address, LAST_ADDRESS) &&
    NORMAL_TABLES.has(frame.modbus_type) &&
    NORMAL_FRAMINGS.has(frame.framing)
  );
}

function isWhole(value: unknown, last: number): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= last;
}
