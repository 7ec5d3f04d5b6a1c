import { parseJsonExact, parseTimestamp } from '@furrow/contracts';

/**
 * A body with every time in it moved by `shiftMs`: `received_at`, and the `t` of items and frames, which becomes a number of milliseconds.
 * A time in no accepted form stays as it is, and so does a body that is no JSON: what was bad before is bad in the same way.
 */
export function shiftTimes(body: string, shiftMs: number): string {
  if (shiftMs === 0) return body;
  let json: unknown;
  try {
    json = parseJsonExact(body);
  } catch {
    return body;
  }
  if (Array.isArray(json)) return JSON.stringify(json.map((entry) => shiftEntry(entry, shiftMs)));
  if (typeof json !== 'object' || json === null) return body;
  const envelope: Record<string, unknown> = { ...json };
  const { received_at: receivedAt } = envelope;
  if (typeof receivedAt === 'number') envelope['received_at'] = receivedAt + shiftMs;
  for (const name of ['items', 'frames']) {
    const list = envelope[name];
    if (Array.isArray(list)) envelope[name] = list.map((entry) => shiftEntry(entry, shiftMs));
  }
  return JSON.stringify(envelope);
}

/** Also spells a number that JSON has no word for, such as 1e400, so that it stays what it was. */
function shiftEntry(entry: unknown, shiftMs: number): unknown {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
  const shifted: Record<string, unknown> = { ...entry };
  const t = parseTimestamp(shifted['t']);
  if (t !== undefined) shifted['t'] = t + shiftMs;
  for (const name of ['value', 'v']) {
    const reading = shifted[name];
    if (typeof reading === 'number' && !Number.isFinite(reading)) shifted[name] = String(reading);
  }
  return shifted;
}
