import { RETENTION_DAYS } from '@furrow/contracts';
import { type StoreError, StoreSetupError, StoreUnavailableError } from '../errors.ts';
import type { InfluxConfig } from './config.ts';
import { identifier } from './influxql.ts';

/** An answer of the server that is not the one hoped for, with what it says in words. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** Longest part of a server's message that is passed on. */
const MESSAGE_MAX_LENGTH = 300;

/** What the generations say when the place to write to is not there; 1.x answers a missing policy with 500, a missing database in a query with 200. */
const MISSING =
  /database not found|retention policy not found|no dbrp mapping found|dbrp mapping not found|default retention policy not set|bucket .{0,80}not found|bucket not found/i;

/** The typed error for a refusal that is about the request as a whole, not about single points. */
export function refusalError(doing: string, config: InfluxConfig, refusal: Refusal): StoreError {
  const { status, message } = refusal;
  const said = `${status}: ${message}`;
  const where = `InfluxDB at ${config.origin}`;
  const database = identifier(config.database);
  if (status === 403 && config.credentials !== undefined) {
    return new StoreSetupError([
      `${where} does not let the credentials given do this on database ${database}: ${doing} (${said})`,
    ]);
  }
  if (status === 401 || status === 403) {
    const given = config.credentials === undefined ? 'and none were given' : 'and refused those given';
    return new StoreSetupError([
      `${where} wants credentials for database ${database} while ${doing}, ${given} (${said})`,
    ]);
  }
  if (status === 404 || MISSING.test(message)) return missingError(config, said);
  return new StoreUnavailableError(`InfluxDB failed while ${doing} (${said}).`);
}

/** The database, its policy or its mapping is not there; says how each generation makes it. */
export function missingError(config: InfluxConfig, said: string): StoreSetupError {
  const name = identifier(config.database);
  const policy =
    config.retentionPolicy === undefined ? '' : ` and retention policy ${identifier(config.retentionPolicy)}`;
  return new StoreSetupError([
    `InfluxDB at ${config.origin} has no database ${name}${policy} (${said}); on 1.x: CREATE DATABASE ${name}; on 2.x: a bucket kept for at least ${RETENTION_DAYS} days and a DBRP mapping to it (influx v1 dbrp create --db … --rp … --bucket-id … --default); on 3.x: influxdb3 create database --retention-period ${RETENTION_DAYS}d`,
  ]);
}

/**
 * What the server said, out of the JSON of any of the generations (`{"error"}`, `{"code","message"}`, `{"error","data":{"error_message"}}`)
 * or as plain text, on one line and not endlessly long.
 */
export function messageOf(body: string): string {
  const json = parseJson(body);
  if (!isObject(json)) return oneLine(body) || 'no reason given';
  const said = json['error'] ?? json['message'];
  const detail = isObject(json['data']) ? json['data']['error_message'] : undefined;
  const texts = [said, detail].filter((text) => typeof text === 'string');
  return oneLine(texts.length === 0 ? body : texts.join(': '));
}

/** Text of a server as it may stand in a message: on one line, shortened. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length <= MESSAGE_MAX_LENGTH ? line : `${line.slice(0, MESSAGE_MAX_LENGTH - 1)}…`;
}

/** The value of JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
