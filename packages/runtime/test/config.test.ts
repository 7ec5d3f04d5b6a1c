import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ConfigError,
  integerVariable,
  listenVariable,
  loadConfig,
  logLevelVariable,
  maskUrl,
} from '../src/index.ts';

const schema = z.object({
  FURROW_HTTP: listenVariable,
  FURROW_POLLERS: integerVariable(1, 64).default(8),
  FURROW_LOG_LEVEL: logLevelVariable.default('info'),
  FURROW_REGISTRY: z.string('a URL').startsWith('postgres:', 'a URL that begins with postgres:'),
  FURROW_API_TOKEN: z.string('a token').min(20, 'a token of at least 20 characters').optional(),
});

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('gives typed values, defaults, and takes an empty variable as not set', () => {
    const env = {
      FURROW_HTTP: ' [::1]:8080 ',
      FURROW_POLLERS: '',
      FURROW_REGISTRY: 'postgres://h/d',
      OTHER: 'x',
    };
    expect(loadConfig(schema, env)).toEqual({
      FURROW_HTTP: { host: '::1', port: 8080 },
      FURROW_POLLERS: 8,
      FURROW_LOG_LEVEL: 'info',
      FURROW_REGISTRY: 'postgres://h/d',
    });
  });

  it('lists every problem at once, each with variable, rule and what was received', () => {
    expect(
      problemsOf({ FURROW_POLLERS: '0', FURROW_LOG_LEVEL: 'loud', FURROW_REGISTRY: 'mysql://h/d' }),
    ).toEqual([
      'FURROW_HTTP: host:port, such as 127.0.0.1:8080 (it is not set)',
      'FURROW_POLLERS: a whole number from 1 to 64 (received "0")',
      'FURROW_LOG_LEVEL: one of trace, debug, info, warn, error, fatal, silent (received "loud")',
      'FURROW_REGISTRY: a URL that begins with postgres: (received "mysql://h/d")',
    ]);
  });

  it('never shows a secret', () => {
    const text = problemsOf({
      FURROW_HTTP: '127.0.0.1:70000',
      FURROW_REGISTRY: 'mysql://admin:hunter2/@x@host/db?password=hunter3',
      FURROW_API_TOKEN: 'hunter4',
    }).join('\n');
    expect(text).not.toMatch(/hunter/);
    expect(text).toContain('mysql://***@host/db?***');
    expect(text).toContain('FURROW_API_TOKEN: a token of at least 20 characters (received ***)');
    expect(text).toContain('the port is 0 to 65535');
  });
});

describe('maskUrl', () => {
  it.each([
    ['postgres://u:p@h:5432/d', 'postgres://***@h:5432/d'],
    ['influx+http://u@h/d?token=x', 'influx+http://***@h/d?***'],
    ['duckdb:./data/points.duckdb', 'duckdb:./data/points.duckdb'],
  ])('%s', (text, masked) => {
    expect(maskUrl(text)).toBe(masked);
  });
});
