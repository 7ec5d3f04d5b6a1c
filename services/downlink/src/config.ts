import {
  type Environment,
  integerVariable,
  listenVariable,
  loadConfig,
  logLevelVariable,
  otlpEndpointVariable,
} from '@furrow/runtime';
import { z } from 'zod';
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
  /**
   * PEM, as a file's path or as the text itself (it begins with -----BEGIN): the certificate and key that the broker knows us by, and
   * the authority that signed the broker's.
   */
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
  /** Where spans go, as OTLP over HTTP (`http://127.0.0.1:4318/v1/traces`); nothing is traced without it. */
  FURROW_OTLP_ENDPOINT: otlpEndpointVariable,
  /** Time for a clean stop, in seconds; commands in hand are waited for. */
  FURROW_SHUTDOWN_SECONDS: integerVariable(1, 300).default(30),
});

export type DownlinkConfig = z.output<typeof downlinkSchema>;
/** The part of a configuration that is about the broker. */
export type BrokerConfig = Pick<DownlinkConfig, keyof typeof brokerVariables>;

/** Reads the downlink's configuration; throws a ConfigError that lists every problem. */
export function loadDownlinkConfig(env: Environment): DownlinkConfig {
  return loadConfig(downlinkSchema, env);
}
