import { type Item, parseItem } from '@furrow/contracts';
import type { Decoded, PlannedFactor } from '@furrow/decoding';
import { authorizeDevice, authorizeFactor, authorizePrefix } from './authorize.ts';
import {
  acceptDecoded,
  type ReadingResult,
  reject,
  rejectForm,
  type UplinkContext,
} from './reading-result.ts';
import { readingTime } from './reading-time.ts';

/** Judges one entry of `uplink.items`: form, prefix, device, factor, time, value. */
export function readItem(json: unknown, path: string, context: UplinkContext): ReadingResult {
  const parsed = parseItem(json, path);
  if (!parsed.ok) return rejectForm(parsed, path);
  const item = parsed.value;
  const { agriId } = item;
  const { uplink, findOwner, arrival, now } = context;
  const received = item.reading === undefined ? item.raw : item.reading;
  const sender = { device: uplink.device, orgId: item.orgId ?? uplink.orgId };

  const foreign = authorizePrefix(agriId, sender);
  if (foreign) return reject(foreign, path, received, agriId);
  const authorized = authorizeDevice(findOwner(sender.device ?? agriId), sender, agriId);
  if (!authorized.ok) return reject(authorized, path, received, agriId);
  const known = authorizeFactor(agriId, authorized);
  if (!known.ok) return reject(known, path, received, agriId);
  const time = readingTime(item.t, () => arrival(agriId), now);
  if (!time.ok) return reject(time, path, item.t, agriId);
  const decoded = decode(item, known.planned, known.device.scaled);
  if (!decoded.ok) return reject(decoded, path, received, agriId);
  return { ok: true, point: acceptDecoded(context, known, known.planned.factor, time.t, decoded) };
}

/** Register bytes as they are; a reading as raw or as scaled already, by the item's own word or else by the device's setting. */
function decode(item: Item, planned: PlannedFactor, deviceScales: boolean): Decoded {
  if (item.raw !== undefined) return planned.fromRaw(item.raw);
  return planned.fromReading(item.reading ?? null, item.scaled ?? deviceScales);
}
