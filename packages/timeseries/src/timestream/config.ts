import { StoreConfigError } from '../errors.ts';

/** What a `timestream:` URL says. */
export interface TimestreamConfig {
  readonly database: string;
  readonly table: string;
  /** Most `WriteRecords` requests in flight; how many of them are used is learned from the service. */
  readonly writers: number;
  /** Most queries that run at the same time. */
  readonly readers: number;
}

/** Names of databases and tables: https://docs.aws.amazon.com/timestream/latest/developerguide/API_CreateTable.html */
const NAME = /^[A-Za-z0-9_.-]{3,256}$/;
const MOST_WRITERS = 64;
const MOST_READERS = 16;

/**
 * Parses `timestream://<database>/<table>[?writers=32&readers=4]`; the defaults are shown. Region, credentials and a custom endpoint
 * (`AWS_ENDPOINT_URL_TIMESTREAM_WRITE`, `AWS_ENDPOINT_URL_TIMESTREAM_QUERY`) are the SDK's own to find. Names keep their case.
 * Throws a `StoreConfigError` that lists every problem.
 */
export function parseTimestreamUrl(url: string): TimestreamConfig {
  const problems: string[] = [];
  const [location = '', query] = url.replace(/^timestream:/i, '').split(/\?(.*)/s, 2);
  const path = /^\/\/([^/]*)\/([^/]*)$/.exec(location);
  if (path === null) problems.push('it names a database and a table: timestream://<database>/<table>');
  const [, database = '', table = ''] = path ?? [];
  if (path !== null) {
    for (const [what, name] of [
      ['database', database],
      ['table', table],
    ] as const) {
      if (!NAME.test(name)) problems.push(`its ${what} has 3 to 256 letters, digits, "_", "." or "-"`);
    }
  }
  const parameters = new URLSearchParams(query ?? '');
  const known = ['writers', 'readers'];
  for (const name of new Set(parameters.keys())) {
    if (!known.includes(name)) problems.push(`it has no parameter ${name} (${known.join(', ')})`);
    if (parameters.getAll(name).length > 1) problems.push(`${name} is given once`);
  }
  const config = {
    database,
    table,
    writers: wholeNumber('writers', parameters.get('writers') ?? '32', MOST_WRITERS, problems),
    readers: wholeNumber('readers', parameters.get('readers') ?? '4', MOST_READERS, problems),
  };
  if (problems.length > 0) throw new StoreConfigError(problems);
  return config;
}

function wholeNumber(name: string, text: string, most: number, problems: string[]): number {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text) || value < 1 || value > most) {
    problems.push(`${name} is a whole number from 1 to ${most}`);
  }
  return value;
}
