import {
  type Environment,
  integerVariable,
  listenVariable,
  loadConfig,
  logLevelVariable,
  otlpEndpointVariable,
} from '@furrow/runtime';
import { z } from 'zod';
import { DEFAULT_SETTINGS } from './api-deps.ts';
import { type ControlSettings, DEFAULT_CONTROL } from './control.ts';

/** Commands to devices. */
export const controlVariables = {
  /** Seconds after which a command is not sent any more. */
  FURROW_COMMAND_SECONDS: integerVariable(5, 300).default(DEFAULT_CONTROL.commandSeconds),
  /** A device is online for this many seconds after it was last heard of; that is known to the minute. */
  FURROW_ONLINE_SECONDS: integerVariable(60, 86_400).default(DEFAULT_CONTROL.onlineSeconds),
};

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
  /** Where commands to devices go; without it the routes of control answer 503. */
  FURROW_COMMAND_QUEUE_URL: z.url({ protocol: /^https?$/, error: 'the URL of an SQS queue' }).optional(),
  ...controlVariables,
  /** Where the API listens. */
  FURROW_HTTP: listenVariable.default({ host: '127.0.0.1', port: 8080 }),
  /** Most requests of one token in a minute, counted by each process; 0 for no limit. */
  FURROW_API_REQUESTS_PER_MINUTE: integerVariable(0, 10_000_000).default(DEFAULT_SETTINGS.requestsPerMinute),
  /** Whose X-Forwarded-* headers are believed: `true` for everybody's, or addresses and networks, joined by commas. */
  FURROW_API_TRUST_PROXY: z
    .string()
    .transform((text) => (text === 'true' ? true : text === 'false' ? false : text))
    .default(DEFAULT_SETTINGS.trustProxy),
  /** Where callers reach the API, for the links in its answers; otherwise what each request says. */
  FURROW_API_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'where callers reach the API, such as https://api.example.org' })
    .optional(),
  FURROW_LOG_LEVEL: logLevelVariable.default('info'),
  /** Where spans go, as OTLP over HTTP (`http://127.0.0.1:4318/v1/traces`); nothing is traced without it. */
  FURROW_OTLP_ENDPOINT: otlpEndpointVariable,
  /** Time for a clean stop, in seconds. */
  FURROW_SHUTDOWN_SECONDS: integerVariable(1, 300).default(20),
});

export type ApiConfig = z.output<typeof apiSchema>;

/** The part of a configuration that is about commands. */
export function controlSettings(config: Pick<ApiConfig, keyof typeof controlVariables>): ControlSettings {
  return { commandSeconds: config.FURROW_COMMAND_SECONDS, onlineSeconds: config.FURROW_ONLINE_SECONDS };
}

/** Reads the API's configuration; throws a ConfigError that lists every problem. */
export function loadApiConfig(env: Environment): ApiConfig {
  return loadConfig(apiSchema, env);
}
