/** How long a point is kept and can be read, in days (reference: "Data retention period is 90 days"). */
export const RETENTION_DAYS = 90;
export const RETENTION_MS = RETENTION_DAYS * 86_400_000;

/** How far a reading's time may lie ahead of the clock: the limit that Timestream sets, kept for every engine. */
export const MAX_AHEAD_MS = 15 * 60_000;

/** Numbers from here on are milliseconds (13 digits); smaller ones are seconds. */
const FIRST_MILLISECOND_NUMBER = 1e12;
const FIRST_TOO_LONG_NUMBER = 1e13;

const DIGITS = /^\d{1,13}$/;
const SLASHED = /^(\d{4})\/(\d{2})\/(\d{2}) (\d{2}):(\d{2}):(\d{2})$/;
/** RFC 3339 section 5.6, `date-time`; `T` and `Z` in either case, or a space for the `T`. */
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** The forms that a time may have, for messages. */
export const TIMESTAMP_RULE =
  'a time is UTC seconds, 13-digit milliseconds, "YYYY/MM/DD HH:MM:SS" (UTC) or RFC 3339 text with its offset';

/**
 * Reads a producer's time into milliseconds since 1970 (UTC), or undefined when it has none of the accepted forms:
 * seconds (a fraction is kept to the millisecond), 13-digit milliseconds, either as text of digits,
 * `YYYY/MM/DD HH:MM:SS` in UTC, and RFC 3339 text. Dates that the calendar does not have are refused.
 */
export function parseTimestamp(t: unknown): number | undefined {
  if (typeof t === 'number') return fromNumber(t);
  if (typeof t !== 'string') return undefined;
  if (DIGITS.test(t)) return fromNumber(Number(t));
  return fromSlashed(t) ?? fromRfc3339(t);
}

/**
 * Times for readings that carry none: when their uplink was received, in milliseconds since 1970 UTC. Readings of one factor that came
 * together are a millisecond apart, in their order, so that none takes another's place.
 */
export function arrivalTimes(receivedAt: number): (agriId: string) => number {
  const untimed = new Map<string, number>();
  return (agriId) => {
    const before = untimed.get(agriId) ?? 0;
    untimed.set(agriId, before + 1);
    return receivedAt + before;
  };
}

function fromNumber(t: number): number | undefined {
  if (!(t >= 0 && t < FIRST_TOO_LONG_NUMBER)) return undefined;
  return t >= FIRST_MILLISECOND_NUMBER ? Math.round(t) : Math.round(t * 1000);
}

function fromSlashed(text: string): number | undefined {
  const match = SLASHED.exec(text);
  if (!match) return undefined;
  return utc(match.slice(1, 7).map(Number));
}

function fromRfc3339(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (!match) return undefined;
  const base = utc(match.slice(1, 7).map(Number));
  const offsetHours = Number(match[9] ?? 0);
  const offsetMinutes = Number(match[10] ?? 0);
  if (base === undefined || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const sign = match[8] === '-' ? -1 : 1;
  const milliseconds = Math.round(Number(`0.${match[7] ?? '0'}`) * 1000);
  return base + milliseconds - sign * (offsetHours * 60 + offsetMinutes) * 60_000;
}

/** UTC milliseconds of `[year, month, day, hour, minute, second]`, or undefined when the calendar has no such time. */
function utc(parts: readonly number[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const leapSecond = second === 60;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, leapSecond ? 59 : second));
  const same =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute;
  if (!same || second > 60) return undefined;
  return date.getTime() + (leapSecond ? 1000 : 0);
}
