import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSqsClient, ensureQueues, probeQueue } from '@furrow/queue';
import { startEmbeddedSqs } from '@furrow/queue/embedded';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OpenApiClient } from '../../src/open-api-client.ts';
import { parseTarget } from '../../src/replay/replay-options.ts';
import { apiTarget } from '../../src/replay/target/api-target.ts';
import { DeviceDirectory } from '../../src/replay/target/device-directory.ts';
import { openSqsTarget } from '../../src/replay/target/sqs-target.ts';
import { readUplink } from '../../src/replay/time/read-uplink.ts';

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const TAKEN: Answer = { status: 200, body: { success: true, data: { received: 1 }, error: null } };
const refusal = (status: number, code: string, headers = {}): Answer => ({
  status,
  headers,
  body: { success: false, data: null, error: { code, message: code, request_id: 'r' } },
});

/** An API that lists two devices and answers posts in turn; what it got is kept. */
async function startApi(...answers: readonly Answer[]) {
  const posts: { path: string; body: string; at: number }[] = [];
  const devices = ['d-1-a', 'd-1-a-9', 'unbound'].map((agri_id, index) => ({
    id: index + 1,
    agri_id,
    project: agri_id === 'unbound' ? null : { project_id: 'p' },
  }));
  const server = createServer(async (request, response) => {
    const list = request.method === 'GET';
    if (!list) posts.push({ path: request.url ?? '', body: await textOf(request), at: performance.now() });
    const answer = list ? { status: 200, body: { data: devices } } : (answers[posts.length - 1] ?? TAKEN);
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      ...('headers' in answer && answer.headers),
    });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const directory = await DeviceDirectory.open(
    [new OpenApiClient(url, 'token', { maxTries: 3, timeoutMs: 5_000 })],
    undefined,
  );
  return { posts, directory, target: apiTarget(url, directory, 4) };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const never = new AbortController().signal;

function outgoing(body: string, device?: string) {
  const message = { body, attributes: [], device, where: 'line 1' };
  const read = readUplink(message);
  return { message, uplink: read.ok ? read.uplink : undefined };
}

const FLAT = '[{"agri_id":"d-1-a-1-00","value":1}]';

describe('apiTarget', () => {
  it('posts flat items of several devices to the longest owner of each, and an envelope to its device', async () => {
    const { target, posts, directory } = await startApi();
    expect(directory.size).toBe(2);
    const flat =
      '[{"agri_id":"d-1-a-1-00","value":1},{"agri_id":"d-1-a-9-1-00","value":2},{"agri_id":"d-1-a-1-01","value":3}]';
    expect(await target.send(outgoing(flat), never)).toEqual({ ok: true, malformed: 0 });
    expect(posts.map(({ path, body }) => [path, JSON.parse(body).items.length])).toEqual([
      ['/api/v2/projects/p/devices/1/data/', 2],
      ['/api/v2/projects/p/devices/2/data/', 1],
    ]);
    const envelope = `{"v":1,"org_id":"o","project_id":"x","device":"d-1-a","received_at":1708070401123,"items":${FLAT}}`;
    await target.send(outgoing(envelope), never);
    expect(JSON.parse(posts[2]?.body ?? '')).toEqual({ items: JSON.parse(FLAT) });
  });

  it('says which message has no device that the token reaches, and still posts what is no uplink', async () => {
    const { target, posts } = await startApi(refusal(400, 'BAD_REQUEST'));
    const stranger = await target.send(outgoing('[{"agri_id":"d-2-b-1-00","value":1}]'), never);
    expect(stranger).toMatchObject({ ok: false, reason: 'no device of the token' });
    expect(await target.send(outgoing('{"v', 'd-1-a'), never)).toMatchObject({
      reason: 'api 400 BAD_REQUEST',
      unsure: false,
    });
    expect(posts.map(({ body }) => body)).toEqual(['{"v']);
  });

  it.each([
    ['403', [refusal(403, 'FORBIDDEN')], { ok: false, reason: 'api 403 FORBIDDEN', unsure: false }, 1],
    ['413', [refusal(413, 'PAYLOAD_TOO_LARGE')], { ok: false, reason: 'api 413 PAYLOAD_TOO_LARGE' }, 1],
    ['500 for ever', [1, 2, 3].map(() => refusal(500, 'INTERNAL_ERROR')), { ok: false, unsure: true }, 3],
    ['500 once', [refusal(500, 'INTERNAL_ERROR'), TAKEN], { ok: true }, 2],
    [
      'malformed entries',
      [{ ...TAKEN, body: { data: { received: 1, problems: [{ name: 'a', message: 'b' }] } } }],
      { ok: true, malformed: 1 },
      1,
    ],
  ] as const)('on %s answers what became of it', async (_, answers, outcome, tries) => {
    const { target, posts } = await startApi(...answers);
    expect(await target.send(outgoing(FLAT, 'd-1-a'), never)).toMatchObject(outcome);
    expect(posts).toHaveLength(tries);
  });

  it('waits as long as a 429 asks for', async () => {
    const { target, posts } = await startApi(refusal(429, 'TOO_MANY', { 'retry-after': '1' }), TAKEN);
    expect(await target.send(outgoing(FLAT, 'd-1-a'), never)).toMatchObject({ ok: true });
    expect((posts[1]?.at ?? 0) - (posts[0]?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('ends the replay when the token is refused', async () => {
    const { target } = await startApi(refusal(401, 'UNAUTHORIZED'));
    await expect(target.send(outgoing(FLAT, 'd-1-a'), never)).rejects.toThrow(/answered 401/);
  });

  it('gives up what is under way when it is abandoned', async () => {
    const { target } = await startApi(refusal(429, 'TOO_MANY', { 'retry-after': '30' }));
    const abandon = new AbortController();
    const sending = target.send(outgoing(FLAT, 'd-1-a'), abandon.signal);
    setTimeout(() => abandon.abort(), 100);
    expect(await sending).toMatchObject({ ok: false, reason: 'stopped', unsure: true });
  });
});

describe('openSqsTarget', () => {
  it('puts messages on the queue as they are, refuses what SQS would, and names a queue that is not there', async () => {
    const sqs = await startEmbeddedSqs({ queues: [] });
    const client = createSqsClient(sqs.clientConfig);
    onTestFinished(async () => {
      client.destroy();
      await sqs.close();
    });
    await ensureQueues(client, [{ name: 'uplinks' }]);
    const queueUrl = sqs.queueUrl('uplinks');
    const target = await openSqsTarget(client, queueUrl, 2);
    expect(target.inFlight).toBe(20);
    const sent = await Promise.all(
      Array.from({ length: 25 }, () => target.send(outgoing('not JSON'), never)),
    );
    expect(sent).toEqual(sent.map(() => ({ ok: true, malformed: 0 })));
    const large = await target.send(outgoing('x'.repeat(1_100_000)), never);
    expect(large).toMatchObject({ ok: false, reason: 'sqs MessageTooLarge', unsure: false });
    expect((await probeQueue({ client, queueUrl })).messagesVisible).toBe(25);
    await expect(openSqsTarget(client, sqs.queueUrl('nowhere'), 2)).rejects.toThrow(/no such queue/);
    await target.close();
  });
});

describe('parseTarget', () => {
  it.each([
    ['http://127.0.0.1:8080', { kind: 'api' }],
    ['https://api.example.org/', { kind: 'api' }],
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/uplinks', { kind: 'sqs' }],
    ['sqs:http://localhost:9324/queue/uplinks', { kind: 'sqs', url: 'http://localhost:9324/queue/uplinks' }],
    ['api:http://host/furrow', { kind: 'api', url: 'http://host/furrow' }],
    ['file:out.ndjson', { kind: 'file', path: 'out.ndjson' }],
  ])('reads %s', (text, target) => {
    expect(parseTarget(text)).toMatchObject(target);
  });

  it.each(['http://host/path', 'uplinks', '', 'ftp://host/'])('does not guess at %s', (text) => {
    expect(parseTarget(text)).toBeUndefined();
  });
});
