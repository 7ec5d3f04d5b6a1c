import { parseFrame } from '@furrow/contracts';
import { authorizeDevice, type Refusal } from './authorize.ts';
import {
  acceptDecoded,
  type ReadingResult,
  reject,
  rejectForm,
  type UplinkContext,
} from './reading-result.ts';
import { readingTime } from './reading-time.ts';

const NAMES_NO_DEVICE: Refusal = {
  ok: false,
  reason: 'unknown_device',
  message: 'a message with frames names the device that sent it',
};

/**
 * Judges one entry of `uplink.frames`: one result for each of the sender's factors inside it, or one for the frame when it is
 * refused whole. A frame never carries readings of sub-devices, whose registers are their own.
 */
export function readFrame(json: unknown, path: string, context: UplinkContext): ReadingResult[] {
  const parsed = parseFrame(json, path);
  if (!parsed.ok) return [rejectForm(parsed, path)];
  const frame = parsed.value;
  const { uplink, findOwner, now, notes } = context;
  if (uplink.device === undefined) return [reject(NAMES_NO_DEVICE, path, frame.hex)];

  const authorized = authorizeDevice(findOwner(uplink.device), uplink, uplink.device);
  if (!authorized.ok) return [reject(authorized, path, frame.hex)];
  const time = readingTime(frame.t ?? undefined, () => uplink.receivedAt, now);
  if (!time.ok) return [reject(time, path, frame.t)];
  const decoded = authorized.plans.plan.decodeFrame(frame);
  if (!decoded.ok) return [reject({ ...decoded, ok: false }, path, frame.hex)];
  notes.push(...decoded.skipped.map((what) => `${path}: ${what}`));
  return decoded.readings.map(({ factor, result }) => {
    if (!result.ok) return reject(result, path, frame.hex, factor.agri_id);
    return { ok: true, point: acceptDecoded(context, authorized, factor, time.t, result) };
  });
}
