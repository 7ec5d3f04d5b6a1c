import { StoreConfigError } from '../errors.ts';
import type { StoreCredentials } from '../point-store.ts';

/** What an `influx+http:` or `influx+https:` URL says, with the credentials from wherever they came. */
export interface InfluxConfig {
  /** Scheme, host and port, without credentials: safe in messages. */
  readonly origin: string;
  /** The database; for 2.x the one that a DBRP mapping leads to a bucket. */
  readonly database: string;
  /** The retention policy to write to and read from; undefined leaves it to the server version. */
  readonly retentionPolicy: string | undefined;
  /** The measurement of the points; those of the factors' descriptions is this name and `_factors`. */
  readonly measurement: string;
  /** Most lines in one write request. */
  readonly batchLines: number;
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How often one request is sent before its failure is reported. */
  readonly attempts: number;
  /** `one`: nobody else writes to the measurement, so points beyond what was stored last need no look. `several`: look at each. */
  readonly writers: 'one' | 'several';
  readonly credentials: StoreCredentials | undefined;
}

const DEFAULT_PORT = '8086';
const MEASUREMENT = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const MOST_BATCH_LINES = 10_000;
const MOST_TIMEOUT_SECONDS = 300;
const MOST_ATTEMPTS = 10;

/**
 * Parses `influx+http://[user:password@]host[:8086]/database[?rp=furrow&measurement=points&batch_lines=5000&timeout=30&attempts=4&writers=one]`,
 * shown with the defaults (`rp`: `furrow` on 1.x, the default mapping on 2.x, none on 3.x; `timeout` in seconds). A user without a password
 * is a token. `credentials`, where given, is used instead, and then the URL has none. Throws a `StoreConfigError` that lists every
 * problem and quotes nothing of the credentials.
 */
export function parseInfluxUrl(url: string, credentials?: StoreCredentials): InfluxConfig {
  const scheme = /^influx\+(https?):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined || !URL.canParse(url)) {
    throw new StoreConfigError(['it is influx+http://host:port/database, or influx+https:']);
  }
  const parsed = new URL(url);
  const problems: string[] = [];
  const parameters = readParameters(parsed.searchParams, problems);
  const config: InfluxConfig = {
    origin: `${scheme}://${parsed.hostname}:${parsed.port === '' ? DEFAULT_PORT : parsed.port}`,
    database: readDatabase(parsed.pathname, problems),
    ...parameters,
    credentials: readCredentials(parsed, credentials, problems),
  };
  if (parsed.hostname === '') problems.push('it names a host');
  if (parsed.hash !== '') problems.push('it has no part after "#" (write # as %23)');
  if (problems.length > 0) throw new StoreConfigError(problems);
  return config;
}

function readParameters(
  parameters: URLSearchParams,
  problems: string[],
): Omit<InfluxConfig, 'origin' | 'database' | 'credentials'> {
  const known = ['rp', 'measurement', 'batch_lines', 'timeout', 'attempts', 'writers'];
  for (const name of new Set(parameters.keys())) {
    if (!known.includes(name)) problems.push(`it has no parameter ${name} (${known.join(', ')})`);
    if (parameters.getAll(name).length > 1) problems.push(`${name} is given once`);
  }
  const number = (name: string, fallback: number, most: number) =>
    wholeNumber(name, parameters.get(name) ?? String(fallback), most, problems);
  const measurement = parameters.get('measurement') ?? 'points';
  if (!MEASUREMENT.test(measurement)) {
    problems.push('measurement has 1 to 64 letters, digits, "_", "." or "-", the first a letter or digit');
  }
  const retentionPolicy = parameters.get('rp') ?? undefined;
  if (retentionPolicy !== undefined && !isName(retentionPolicy)) problems.push('rp is a name without "/"');
  const writers = parameters.get('writers') ?? 'one';
  if (writers !== 'one' && writers !== 'several') problems.push('writers is one or several');
  return {
    retentionPolicy,
    measurement,
    batchLines: number('batch_lines', 5_000, MOST_BATCH_LINES),
    timeoutMs: number('timeout', 30, MOST_TIMEOUT_SECONDS) * 1_000,
    attempts: number('attempts', 4, MOST_ATTEMPTS),
    writers: writers === 'several' ? 'several' : 'one',
  };
}

function readDatabase(pathname: string, problems: string[]): string {
  const database = decoded(pathname.replace(/^\//, '').replace(/\/$/, ''), problems);
  if (!isName(database)) problems.push('its path is the name of one database');
  return database;
}

function readCredentials(
  parsed: URL,
  given: StoreCredentials | undefined,
  problems: string[],
): StoreCredentials | undefined {
  const username = decoded(parsed.username, problems);
  const password = decoded(parsed.password, problems);
  const inUrl = username !== '' || password !== '';
  if (given !== undefined) {
    if (inUrl) problems.push('credentials are in the URL or beside it, not both');
    const parts = given.kind === 'token' ? [given.token] : [given.username, given.password];
    if (parts.some((part) => part === ''))
      problems.push('a token, or a username and a password, is not empty');
    if (parts.some((part) => /\p{Cc}/u.test(part))) problems.push('credentials hold no control characters');
    return given;
  }
  if (!inUrl) return undefined;
  return password === '' ? { kind: 'token', token: username } : { kind: 'password', username, password };
}

/** A database or policy: any text without control characters, and without the slash that joins the two in a bucket's name. */
function isName(name: string): boolean {
  return name !== '' && name.length <= 200 && !/[\p{Cc}/]/u.test(name);
}

function decoded(part: string, problems: string[]): string {
  try {
    return decodeURIComponent(part);
  } catch {
    problems.push('its percent signs are followed by two hexadecimal digits');
    return '';
  }
}

function wholeNumber(name: string, value: string, most: number, problems: string[]): number {
  const number = Number(value);
  if (!/^\d{1,5}$/.test(value) || number < 1 || number > most) {
    problems.push(`${name} is a whole number from 1 to ${most}`);
  }
  return number;
}
