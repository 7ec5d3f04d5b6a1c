import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Bucket {
  readonly id: string;
  readonly name: string;
  retentionRules: readonly { readonly everySeconds: number }[];
}

/** As much of the HTTP API of InfluxDB 2.x as the setup uses, on a free port of the loopback. */
export async function startFakeInflux(login: { readonly username: string; readonly password: string }) {
  const buckets: Bucket[] = [];
  const mappings: Record<string, unknown>[] = [];
  const tokens: { readonly token: string; readonly permissions: unknown }[] = [];
  const requests: string[] = [];
  let sessions = 0;
  const answers: Readonly<Record<string, (body: Record<string, unknown>, url: URL) => unknown>> = {
    'GET /api/v2/orgs': (_body, url) => ({
      orgs: url.searchParams.get('org') === 'furrow' ? [{ id: 'o1' }] : [],
    }),
    'GET /api/v2/buckets': (_body, url) => ({
      buckets: buckets.filter(({ name }) => name === url.searchParams.get('name')),
    }),
    'POST /api/v2/buckets': ({ name, retentionRules }) => {
      const bucket = {
        id: 'b1',
        name: String(name),
        retentionRules: retentionRules as Bucket['retentionRules'],
      };
      buckets.push(bucket);
      return bucket;
    },
    'PATCH /api/v2/buckets/b1': ({ retentionRules }) => {
      for (const bucket of buckets) bucket.retentionRules = retentionRules as Bucket['retentionRules'];
      return {};
    },
    'GET /api/v2/dbrps': () => ({ content: mappings }),
    'POST /api/v2/dbrps': (body) => {
      mappings.push({ ...body, virtual: false });
      return {};
    },
    'GET /api/v2/authorizations': () => ({ authorizations: tokens }),
    'POST /api/v2/authorizations': ({ permissions }) => {
      const authorization = { token: `token-${tokens.length + 1}`, permissions };
      tokens.push(authorization);
      return authorization;
    },
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const name = `${request.method} ${url.pathname}`;
    requests.push(name);
    let text = '';
    for await (const chunk of request) text += chunk;
    const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    if (name === 'POST /api/v2/signin') {
      if (request.headers.authorization !== basic)
        return response.writeHead(401).end('{"code":"unauthorized"}');
      sessions += 1;
      return response.writeHead(204, { 'set-cookie': 'influxdb-oss-session=s1; Path=/api/; HttpOnly' }).end();
    }
    if (request.headers.cookie !== 'influxdb-oss-session=s1' || sessions === 0)
      return response.writeHead(401).end();
    if (name === 'POST /api/v2/signout') {
      sessions -= 1;
      return response.writeHead(204).end();
    }
    const answer = answers[name];
    if (!answer) return response.writeHead(404).end('{"code":"not found"}');
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer(text === '' ? {} : JSON.parse(text), url)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    buckets,
    mappings,
    tokens,
    requests,
    openSessions: () => sessions,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
