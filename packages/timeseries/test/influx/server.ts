import { randomBytes } from 'node:crypto';
import { optionalEngine } from '../optional-engine.ts';

/** An InfluxDB on which the tests may create databases. */
export interface TestServer {
  /** A new database whose points never expire, for the cases play at a fixed time. The URL of a store on it, and how to remove it. */
  createDatabase(): Promise<TestDatabase>;
  /** Runs a statement as the administrator. */
  run(statement: string): Promise<unknown>;
}

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  drop(): Promise<void>;
}

/**
 * The InfluxDB 1.x of FURROW_TEST_INFLUX, an `influx+http:` URL of a server on which databases may be created. With
 * FURROW_TEST_ENGINES=required a missing server is a failure; otherwise it is said loudly, and there is none.
 */
export function testServer(): TestServer | undefined {
  const url = optionalEngine(
    'FURROW_TEST_INFLUX',
    'the points store is NOT tested on InfluxDB, only its client on fakes.',
  );
  return url === undefined ? undefined : serverAt(new URL(url));
}

/** The server at an `influx+http:` URL, as the administrator that its user is. */
export function serverAt(url: URL): TestServer {
  const scheme = url.protocol.replace(/^influx\+/, '');
  const credentials = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`);
  const run = async (statement: string) => {
    const response = await fetch(`${scheme}//${url.hostname}:${url.port || '8086'}/query`, {
      method: 'POST',
      body: new URLSearchParams({ q: statement }),
      ...(url.username !== '' && { headers: { authorization: `Basic ${credentials.toString('base64')}` } }),
    });
    const text = await response.text();
    if (!response.ok || text.includes('"error"')) throw new Error(`${statement}: ${response.status} ${text}`);
    return JSON.parse(text) as unknown;
  };
  return {
    run,
    async createDatabase() {
      const name = `furrow_test_${randomBytes(6).toString('hex')}`;
      await run(`CREATE DATABASE "${name}" WITH DURATION INF REPLICATION 1 NAME "furrow"`);
      const own = new URL(url);
      own.pathname = `/${name}`;
      return {
        name,
        url: own.href,
        async drop() {
          await run(`DROP DATABASE "${name}"`);
        },
      };
    },
  };
}
