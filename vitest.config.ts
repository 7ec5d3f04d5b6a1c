import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/**/test/**/*.test.ts',
      'services/**/test/**/*.test.ts',
      'infra/**/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    // Most suites wait for servers and child processes more than they compute.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts', 'services/*/src/**/*.ts'],
      reporter: ['text-summary'],
      // What a wrong line there does stands on a grower's screen.
      thresholds: { 'packages/decoding/src/**': { 100: true } },
    },
  },
});
