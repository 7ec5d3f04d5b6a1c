import { z } from 'zod';
import { ConfigError } from './errors.ts';

/** Where configuration is read from: the environment of the process, or a literal in a test. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names of variables whose values are never shown. URLs are shown without user name, password and query. */
const SECRET_NAME = /SECRET|PASSWORD|TOKEN|KEY|CREDENTIAL/i;

/**
 * Parses the variables that `schema` names out of `env`. An empty variable counts as not set. Throws a {@link ConfigError}
 * that lists every problem with variable, rule and the masked value that was received.
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: Environment,
): z.output<z.ZodObject<Shape>> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name];
    if (value !== undefined && value.trim() !== '') given[name] = value.trim();
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0] ?? '');
      const value = given[name];
      const received = value === undefined ? 'it is not set' : `received ${maskSecret(name, value)}`;
      return `${name}: ${issue.message} (${received})`;
    }),
  );
}

/** A variable's value as it may be shown in a message or a log line. */
export function maskSecret(name: string, value: string): string {
  if (SECRET_NAME.test(name)) return '***';
  return JSON.stringify(maskUrl(value).slice(0, 200));
}

/** `postgres://user:password@host/db?sslkey=…` as `postgres://***@host/db?***`; text that holds no credentials is as it was. */
export function maskUrl(text: string): string {
  return text
    .replace(/(:\/\/)\S*@/g, '$1***@')
    .replace(/\?.*$/s, (query) => (query.length > 1 ? '?***' : query));
}

/** A whole number in a variable, within `min` and `max`. */
export function integerVariable(min: number, max: number) {
  const rule = `a whole number from ${min} to ${max}`;
  return z
    .string(rule)
    .regex(/^\d{1,15}$/, rule)
    .transform(Number)
    .refine((n) => n >= min && n <= max, rule);
}

/** `host:port` of a listener; port 0 takes any free one. An IPv6 host stands in brackets. */
export const listenVariable = z
  .string('host:port, such as 127.0.0.1:8080')
  .regex(/^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'host:port, such as 127.0.0.1:8080')
  .transform((text) => {
    const at = text.lastIndexOf(':');
    return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
  })
  .refine(({ port }) => port <= 65535, 'the port is 0 to 65535');
export type ListenAddress = z.output<typeof listenVariable>;

/** One of pino's levels. */
export const logLevelVariable = z.enum(
  ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
  'one of trace, debug, info, warn, error, fatal, silent',
);

/** Where spans are sent, as OTLP over HTTP with JSON; optional. */
export const otlpEndpointVariable = z
  .url({ protocol: /^https?$/, error: 'an URL that takes OTLP, such as http://127.0.0.1:4318/v1/traces' })
  .optional();
