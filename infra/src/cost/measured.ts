/** What one million points cost in requests and bytes: measured, each with where the figure comes from. */
export const MEASURED = {
  /** Bytes of an uplink with 10 items, as the worker's benchmark sends it: docs/benchmarks.md, "The worker on a full queue". */
  uplinkBytes: 1_024,
  pointsPerUplink: 10,
  /** Readings a second of a worker on those uplinks: the same table. */
  readingsPerSecond: 16_298,
  /** Billed KiB of a write of 100 points, all of it: docs/benchmarks.md, "Writing to Timestream" (60,000 KiB and 10,000 requests a million). */
  kibPerFullWrite: 6,
  pointsPerFullWrite: 100,
  /** Bytes that Timestream counts for a stored point with identifiers like `d-1000-abcd-1-000`: `recordBytes` of the engine. */
  storedBytesPerPoint: 122,
  /** Bytes of the request for each point, in a write of 10 and more: `encodeCall` of the engine gives 225 to 262. */
  sentBytesPerPoint: 260,
} as const;
