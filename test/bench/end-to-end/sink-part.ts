import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { servePart } from './part.ts';

const unzip = promisify(gunzip);

/**
 * Takes line protocol as InfluxDB 1.x does, counts the points of the measurement `points`, and keeps none: what is compared is who writes, not
 * where to. It says that it keeps points for 91 days, and shows the one with which a store proves that; any other query finds nothing.
 */
let points = 0;
let requests = 0;
/** How long it takes to answer a write. */
const { values } = parseArgs({ options: { 'write-ms': { type: 'string', default: '0' } } });
const writeMs = Number(values['write-ms']);
const server = createServer(async (request, response) => {
  const body = await read(request);
  response.setHeader('x-influxdb-version', '1.8.10');
  if (request.url?.startsWith('/write')) {
    requests += 1;
    points += countPoints(body);
    if (writeMs > 0) await sleep(writeMs);
    response.writeHead(204).end();
  } else if (request.url?.startsWith('/query')) {
    const statement = new URLSearchParams(body.toString()).get('q') ?? '';
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answerTo(statement)));
  } else {
    response.writeHead(204).end();
  }
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
servePart(
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  { counts: () => ({ points, requests }) },
  async () => {
    server.close();
    server.closeAllConnections();
  },
);

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? unzip(bytes) : bytes;
}

function countPoints(body: Buffer): number {
  let count = 0;
  for (let start = 0; start < body.length; ) {
    if (body.toString('latin1', start, start + 7) === 'points,') count += 1;
    const end = body.indexOf(10, start);
    start = end < 0 ? body.length : end + 1;
  }
  return count;
}

function answerTo(statement: string): object {
  const series = (name: string, columns: readonly string[], row: readonly unknown[]) => ({
    results: [{ series: [{ name, columns, values: [row] }] }],
  });
  if (statement.startsWith('SHOW RETENTION')) {
    return series('', ['name', 'duration', 'default'], ['furrow', '2184h0m0s', true]);
  }
  if (statement.includes('_probe')) return series('probe', ['time', 'value'], [0, 1]);
  return { results: [{}] };
}
