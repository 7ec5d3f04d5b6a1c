/** An engine that runs the conformance suite. */
export interface Engine {
  /** As `describePointStore` was told. */
  readonly name: string;
  readonly what: string;
  /** What must be set for it to be reached; undefined for one that always is. */
  readonly variable?: string;
}

/** Every engine, in the order of the report's columns. */
export const ENGINES: readonly Engine[] = [
  { name: 'DuckDB in memory', what: 'the embedded engine, without a file' },
  { name: 'DuckDB in a file', what: 'the embedded engine' },
  {
    name: 'Timestream (fake)',
    what: 'the AWS SDK over HTTP on a strict fake; never run against the service',
  },
  { name: 'InfluxDB 1.x (fake)', what: 'the client on a fake of its protocol' },
  { name: 'InfluxDB 2.x (fake)', what: 'the client on a fake of its protocol' },
  { name: 'InfluxDB 3.x (fake)', what: 'the client on a fake of its protocol' },
  { name: 'InfluxDB', what: 'a real InfluxDB 1.x server', variable: 'FURROW_TEST_INFLUX' },
];

/** The files in which the engines run the suite. */
export const SUITE_FILES: readonly string[] = [
  'packages/timeseries/test/duckdb/in-memory.test.ts',
  'packages/timeseries/test/duckdb/in-file.test.ts',
  'packages/timeseries/test/timestream/conformance.test.ts',
  'packages/timeseries/test/influx/fake-conformance.test.ts',
  'packages/timeseries/test/influx/conformance.test.ts',
];

/** Engines by others that only take what is written: each a test file of its own, beside the suite. */
export const WRITE_PATHS = [
  {
    name: 'VictoriaMetrics',
    file: 'packages/timeseries/test/influx/victoria-metrics.test.ts',
    variable: 'FURROW_TEST_VICTORIA',
    what:
      'It reads the line protocol of the InfluxDB engine: names, times and versions come back exactly, values with twelve digits. It is no ' +
      'store for Furrow: a key written again is kept twice, doubles lose digits (and more beside values of another size), minus zero and the ' +
      'smallest numbers become 0, and it has no InfluxQL to read by. `furrow` refuses to start on it.',
  },
  {
    name: 'moto',
    file: 'packages/timeseries/test/timestream/moto.test.ts',
    variable: 'FURROW_TEST_MOTO',
    what:
      'It takes the `WriteRecords` and answers the `DescribeTable` of the Timestream engine: records, times, versions and values arrive as ' +
      'they were sent. It knows no versions, refuses no record, drops `CommonAttributes` and runs no query, so nothing of that is shown by it.',
  },
] as const;

/** What each capability says of an engine that declares it. */
export const CAPABILITIES: Readonly<Record<string, string>> = {
  ordersVersions:
    'a point with a lower version never replaces one with a higher version that an earlier call stored',
  countsRepeats:
    'a report tells new points from repeated ones; without it a repeat counts as stored, and is stored once all the same',
  survivesReopen: 'points are there again after the store was closed and opened',
  dropsExpired:
    '`enforceRetention` drops expired points itself and counts them; without it the service does, and reads hide them at 90 days anyway',
  longestNameBytes:
    'names of any length; without it, names beyond what the service takes are refused for good',
};
