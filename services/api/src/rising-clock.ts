/**
 * A clock whose every reading is later than the one before, by at least a millisecond. `received_at` is the version of an uplink's
 * points: two uplinks of one millisecond must not look like one uplink that came twice.
 */
export function risingClock(clock: () => number = Date.now): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock());
    return last;
  };
}
