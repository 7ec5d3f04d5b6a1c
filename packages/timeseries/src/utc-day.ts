/** Milliseconds of a UTC day; there are no leap seconds in the time that stores count. */
export const DAY_MS = 86_400_000;

/** The UTC day of a time: days since 1970. */
export function dayOf(t: number): number {
  return Math.floor(t / DAY_MS);
}
