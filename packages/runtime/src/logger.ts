import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';
import { maskUrl } from './config.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  /** Name of the process, in every line. */
  readonly service: string;
  /** Least severe level that is written. */
  readonly level: string;
  /** Where lines go; standard output by default. */
  readonly destination?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Keys whose values are never written, wherever they stand in a line. */
const REDACTED = [
  'authorization',
  'token',
  'password',
  'secret',
  'safe_code',
  'secretAccessKey',
  'sessionToken',
];

/**
 * The logger of a process: one JSON object a line, or readable text when the destination is a terminal. Credentials in
 * redacted keys and in URLs inside errors do not reach a line.
 */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? process.stdout;
  const stream: DestinationStream = destination.isTTY
    ? pretty({ destination, sync: true, ignore: 'pid,hostname,service', translateTime: 'HH:MM:ss' })
    : destination;
  return pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
      redact: { paths: REDACTED.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '***' },
    },
    stream,
  );
}

function serializeError(error: Error) {
  const plain = stdSerializers.err(error);
  return { ...plain, message: maskCredentials(plain.message), stack: maskCredentials(plain.stack) };
}

/** URLs inside a longer text lose their user name and password; the rest of the text stays. */
function maskCredentials(text: string): string {
  return text.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`]+/gi, (url) => maskUrl(url));
}
