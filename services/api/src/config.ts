import {
  type Environment,
  integerVariable,
  listenVariable,
  loadConfig,
  logLevelVariable,
  otlpEndpointVariable,
} from '@furrow/runtime';
import { z } from 'zod';

const apiSchema = z.object({
  FURROW_STORE: z.string('a store, such as duckdb:./data/points.duckdb'),
  /** Credentials of a store that asks for them (InfluxDB): a token, or a user name with a password. */
  FURROW_STORE_TOKEN: z.string().optional(),
  FURROW_STORE_USERNAME: z.string().optional(),
  FURROW_STORE_PASSWORD: z.string().optional(),
  FURROW_REGISTRY: z.string(
    'a registry, such as pglite:./data/registry or postgres://user:password@host/database',
  ),
  FURROW_UPLINK_QUEUE_URL: z.url({ protocol: /^https?$/, error: 'the URL of an SQS queue' }),
  /** Where the API listens. */
  FURROW_HTTP: listenVariable.default({ host: '127.0.0.1', port: 8080 }),
  FURROW_LOG_LEVEL: logLevelVariable.default('info'),
  /** Where spans go, as OTLP over HTTP (`http://127.0.0.1:4318/v1/traces`); nothing is traced without it. */
  FURROW_OTLP_ENDPOINT: otlpEndpointVariable,
  /** Time for a clean stop, in seconds. */
  FURROW_SHUTDOWN_SECONDS: integerVariable(1, 300).default(20),
});

export type ApiConfig = z.output<typeof apiSchema>;

/** Reads the API's configuration; throws a ConfigError that lists every problem. */
export function loadApiConfig(env: Environment): ApiConfig {
  return loadConfig(apiSchema, env);
}
