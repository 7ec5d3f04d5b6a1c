import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An InfluxDB 1.x for the benchmark. */
export interface InfluxServer {
  /** URL of a store on it, in a database of its own. */
  readonly url: string;
  /** Removes the database and, where it was started here, the server. */
  stop(): Promise<void>;
}

/** How long a server may take to start, in milliseconds. */
const START_MS = 20_000;

/**
 * The server of FURROW_TEST_INFLUX (an `influx+http:` URL), or else the `influxd` of the PATH, started on loopback with its data in
 * `folder`. Undefined when there is neither.
 */
export async function openInflux(folder: string): Promise<InfluxServer | undefined> {
  const given = process.env['FURROW_TEST_INFLUX'];
  if (given) return withDatabase(new URL(given), async () => {});
  const [http, rpc] = [await freePort(), await freePort()];
  const server = spawn('influxd', ['run', '-config', '/dev/null'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${rpc}`,
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${http}`,
      INFLUXDB_META_DIR: join(folder, 'meta'),
      INFLUXDB_DATA_DIR: join(folder, 'data'),
      INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
    },
  });
  const gone = once(server, 'exit').catch(() => undefined);
  const started = await once(server, 'spawn').then(
    () => true,
    () => false,
  );
  if (!started) return undefined;
  const stop = async () => {
    server.kill();
    await gone;
  };
  const deadline = Date.now() + START_MS;
  while (!(await answers(http))) {
    if (Date.now() > deadline || server.exitCode !== null) {
      await stop();
      throw new Error('influxd did not start');
    }
    await sleep(100);
  }
  return withDatabase(new URL(`influx+http://127.0.0.1:${http}`), stop);
}

async function withDatabase(url: URL, stop: () => Promise<void>): Promise<InfluxServer> {
  const name = `furrow_bench_${process.pid}`;
  await run(url, `CREATE DATABASE "${name}" WITH DURATION INF REPLICATION 1 NAME "furrow"`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    stop: async () => {
      await run(url, `DROP DATABASE "${name}"`);
      await stop();
    },
  };
}

async function run(url: URL, statement: string): Promise<void> {
  const login = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`);
  const response = await fetch(
    `${url.protocol.replace('influx+', '')}//${url.hostname}:${url.port || '8086'}/query`,
    {
      method: 'POST',
      body: new URLSearchParams({ q: statement }),
      ...(url.username !== '' && { headers: { authorization: `Basic ${login.toString('base64')}` } }),
    },
  );
  const text = await response.text();
  if (!response.ok || text.includes('"error"')) throw new Error(`${statement}: ${response.status} ${text}`);
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/ping`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
