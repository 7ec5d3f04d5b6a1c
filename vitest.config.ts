import { defineConfig } from 'vitest/config';

/** Suites that take half a minute or more each, of loads and faults: `npm run test:long`, which CI runs beside `npm test`. */
const LONG = [
  'test/e2e/chaos.test.ts',
  'test/e2e/compose.test.ts',
  'test/e2e/largest-messages.test.ts',
  'test/e2e/kill-restart.test.ts',
  'test/e2e/live-change.test.ts',
  'test/e2e/quarantine.test.ts',
  'test/e2e/replay-store.test.ts',
  'test/e2e/replay.test.ts',
  'test/soak/**/*.test.ts',
];
const isLong = process.env['FURROW_TEST_LONG'] !== undefined;

export default defineConfig({
  test: {
    include: isLong
      ? LONG
      : [
          'packages/**/test/**/*.test.ts',
          'services/**/test/**/*.test.ts',
          'infra/**/test/**/*.test.ts',
          'test/**/*.test.ts',
        ],
    exclude: ['**/node_modules/**', ...(isLong ? [] : LONG)],
    // Most suites wait for servers and child processes more than they compute.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['packages/decoding/src/**/*.ts'],
      reporter: ['text-summary'],
      // What a wrong line there does stands on a grower's screen.
      thresholds: { 'packages/decoding/src/**': { 100: true } },
    },
  },
});
