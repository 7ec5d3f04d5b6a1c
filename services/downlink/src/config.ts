import { readFileSync } from 'node:fs';
import {
  ConfigError,
  type Environment,
  integerVariable,
  listenVariable,
  loadConfig,
  logLevelVariable,
} from '@furrow/runtime';
import { z } from 'zod';
import type { BrokerLinkOptions } from './mqtt/broker-link.ts';
import { DEVICE_PLACEHOLDER, isTopicPattern } from './mqtt/topics.ts';

const topicVariable = z
  .string()
  .refine(isTopicPattern, `a topic of up to 200 characters with ${DEVICE_PLACEHOLDER} as one of its levels`);

/** The broker and how devices are met on it. */
export const brokerVariables = {
  FURROW_MQTT_URL: z.url({
    protocol: /^mqtts?$/,
    error: 'the URL of an MQTT broker, such as mqtts://broker.example.org:8883',
  }),
  FURROW_MQTT_USERNAME: z.string().optional(),
  FURROW_MQTT_PASSWORD: z.string().optional(),
  /** PEM files: the certificate and key that the broker knows us by, and the authority that signed the broker's. */
  FURROW_MQTT_CERT: z.string().optional(),
  FURROW_MQTT_KEY: z.string().optional(),
  FURROW_MQTT_CA: z.string().optional(),
  /** Another for each process; by default a random one. */
  FURROW_MQTT_CLIENT_ID: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 letters, digits, "_" or "-"')
    .optional(),
  /** 5, or 4 for brokers that know only MQTT 3.1.1. */
  FURROW_MQTT_VERSION: z.enum(['4', '5'], '4 or 5').default('5'),
  /** Where a device listens. */
  FURROW_MQTT_DOWN_TOPIC: topicVariable.default(`furrow/${DEVICE_PLACEHOLDER}/down`),
  /** Where it answers. */
  FURROW_MQTT_UP_TOPIC: topicVariable.default(`furrow/${DEVICE_PLACEHOLDER}/up`),
  /** How long a device may take to confirm each thing that it is told, in seconds; its own limit is 12. */
  FURROW_CONFIRM_SECONDS: integerVariable(1, 60).default(15),
};

const downlinkSchema = z.object({
  FURROW_REGISTRY: z.string('a registry that the API shares, such as postgres://user:password@host/database'),
  FURROW_COMMAND_QUEUE_URL: z.url({ protocol: /^https?$/, error: 'the URL of an SQS queue' }),
  ...brokerVariables,
  /** Receives at a time; each brings up to ten commands. */
  FURROW_POLLERS: integerVariable(1, 64).default(4),
  /** Where `/healthz`, `/readyz` and `/metrics` are answered. */
  FURROW_HTTP: listenVariable.default({ host: '127.0.0.1', port: 9465 }),
  FURROW_LOG_LEVEL: logLevelVariable.default('info'),
  /** Time for a clean stop, in seconds; commands in hand are waited for. */
  FURROW_SHUTDOWN_SECONDS: integerVariable(1, 300).default(30),
});

export type DownlinkConfig = z.output<typeof downlinkSchema>;
type BrokerConfig = Pick<DownlinkConfig, keyof typeof brokerVariables>;

/** Reads the downlink's configuration; throws a ConfigError that lists every problem. */
export function loadDownlinkConfig(env: Environment): DownlinkConfig {
  return loadConfig(downlinkSchema, env);
}

/** What each file has to hold. */
const PEM = {
  FURROW_MQTT_CERT: /-----BEGIN CERTIFICATE-----/,
  FURROW_MQTT_KEY: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/,
  FURROW_MQTT_CA: /-----BEGIN CERTIFICATE-----/,
} as const;
type FileVariable = keyof typeof PEM;

/** Who we are to the broker, its files read. Throws a ConfigError that names each file that cannot be used. */
export function brokerLogin(config: BrokerConfig): NonNullable<BrokerLinkOptions['login']> {
  const problems: string[] = [];
  const file = (name: FileVariable) => {
    const path = config[name];
    if (path === undefined) return undefined;
    try {
      const text = readFileSync(path);
      if (PEM[name].test(text.toString('latin1'))) return text;
      problems.push(`${name}: the file holds no such thing in PEM form`);
    } catch (error) {
      problems.push(`${name}: the file cannot be read (${error instanceof Error ? error.message : error})`);
    }
    return undefined;
  };
  const cert = file('FURROW_MQTT_CERT');
  const key = file('FURROW_MQTT_KEY');
  const ca = file('FURROW_MQTT_CA');
  if ((config.FURROW_MQTT_CERT === undefined) !== (config.FURROW_MQTT_KEY === undefined)) {
    problems.push('FURROW_MQTT_CERT and FURROW_MQTT_KEY: set both, or neither');
  }
  const hasFiles = [config.FURROW_MQTT_CERT, config.FURROW_MQTT_KEY, config.FURROW_MQTT_CA].some(Boolean);
  if (hasFiles && !config.FURROW_MQTT_URL.startsWith('mqtts:')) {
    problems.push('FURROW_MQTT_URL: certificates are for mqtts://');
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const username = config.FURROW_MQTT_USERNAME;
  const password = config.FURROW_MQTT_PASSWORD;
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(ca && { ca }),
  };
}
