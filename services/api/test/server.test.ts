import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { createLogger } from '@furrow/runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  AGRI_ID_PATH,
  apiUnderTest,
  DATA_PATH,
  DownError,
  FACTOR_PATH,
  TEMP,
  tempPoint,
} from './api-under-test.ts';

describe('createServer', () => {
  it('answers errors in the envelope, with the id of the request in header and body', async () => {
    const { call } = apiUnderTest();
    const { status, headers, json } = await call('GET', '/api/v2/nothing/');
    expect(status).toBe(404);
    expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(json).toEqual({
      success: false,
      data: null,
      error: {
        code: 'NOT_FOUND',
        message: 'there is no GET /api/v2/nothing/',
        request_id: headers['x-request-id'],
      },
    });
  });

  it.each([
    ['no header', ''],
    ['another scheme', 'Basic abc'],
    ['no token', 'Bearer '],
    ['two tokens', 'Bearer manager manager'],
    ['an unknown token', 'Bearer nobody'],
    ['an inactive token', 'Bearer inactive'],
    ['an expired token', 'Bearer expired'],
    ['a token of an organization that is not valid', 'Bearer orphaned'],
  ])('refuses %s', async (_name, authorization) => {
    const { call } = apiUnderTest();
    for (const path of [DATA_PATH, FACTOR_PATH, AGRI_ID_PATH]) {
      const { status, json } = await call('GET', path, { headers: { authorization } });
      expect(status).toBe(401);
      expect(json).toMatchObject({ success: false, error: { code: 'UNAUTHORIZED' } });
    }
  });

  it('takes the scheme in any case, and a path with or without its last slash', async () => {
    const { call } = apiUnderTest();
    const { status } = await call('GET', DATA_PATH.slice(0, -1), {
      headers: { authorization: 'bearer manager' },
    });
    expect(status).toBe(200);
  });

  it('answers 503 with Retry-After while a part of the system does not answer, and nothing of its insides', async () => {
    const { call, state } = apiUnderTest();
    state.failing = new DownError('connect ECONNREFUSED 10.0.0.7:5432');
    const { status, headers, json } = await call('GET', DATA_PATH);
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('5');
    expect(JSON.stringify(json)).not.toContain('10.0.0.7');
  });

  it('logs the first failure of an outage with its request, and not each of the others', async () => {
    const lines: string[] = [];
    const destination = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(...String(chunk).trim().split('\n'));
        done();
      },
    });
    const { call, state } = apiUnderTest({
      logger: createLogger({ service: 'api', level: 'info', destination }),
    });
    state.failing = new DownError('connect ECONNREFUSED 10.0.0.7:5432');
    await Promise.all(Array.from({ length: 50 }, () => call('GET', DATA_PATH)));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      err: { message: 'connect ECONNREFUSED 10.0.0.7:5432' },
    });
  });

  it('answers 500 for a mistake of its own, and nothing of its insides', async () => {
    const { call, state } = apiUnderTest();
    state.failing = new TypeError("Cannot read properties of undefined (reading 'secret')");
    const { status, json } = await call('GET', DATA_PATH);
    expect(status).toBe(500);
    expect(json.error).toMatchObject({ code: 'INTERNAL_ERROR', message: 'the server made a mistake' });
  });

  it.each([
    ['no JSON', '{"a":', 400, 'BAD_REQUEST'],
    ['nothing', '', 400, 'BAD_REQUEST'],
    ['more than 10 MB', JSON.stringify('x'.repeat(11 * 1024 * 1024)), 413, 'PAYLOAD_TOO_LARGE'],
  ])('refuses a body of %s', async (_name, body, status, code) => {
    const { call } = apiUnderTest();
    expect(await call('POST', DATA_PATH, { body })).toMatchObject({
      status,
      json: { success: false, error: { code } },
    });
  });

  it('refuses a body that is not JSON by its type', async () => {
    const { call } = apiUnderTest();
    const answer = await call('POST', DATA_PATH, {
      body: 'a=1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer).toMatchObject({ status: 415, json: { error: { code: 'UNSUPPORTED_MEDIA_TYPE' } } });
  });

  it('measures requests by route, not by path', async () => {
    const { call, server } = apiUnderTest();
    await call('GET', DATA_PATH);
    await call('GET', '/api/v2/nothing/');
    const text = (await server.inject({ method: 'GET', url: '/metrics' })).body;
    expect(text).toMatch(
      /furrow_api_request_seconds_count\{[^}]*route="\/api\/v2\/projects\/:project_id\/devices\/:device_pk\/data\/",status="200"[^}]*\} 1/,
    );
    expect(text).not.toContain('greenhouse-alpha');
    expect(text).not.toContain('nothing');
  });

  it.each(['/healthz', '/readyz', '/metrics'])('answers %s without a token', async (path) => {
    const { server } = apiUnderTest();
    expect((await server.inject({ method: 'GET', url: path })).statusCode).toBe(200);
  });

  it.each([
    ['abc-1.2_Z', true],
    ['x'.repeat(32), true],
    ['x'.repeat(33), false],
    ['a b', false],
    ['a"b', false],
  ])('takes the id %j of a caller: %j', async (id, taken) => {
    const { call } = apiUnderTest();
    for (const path of [DATA_PATH, '/api/v2/nothing/']) {
      const given = (await call('GET', path, { headers: { 'x-request-id': id } })).headers['x-request-id'];
      if (taken) expect(given).toBe(id);
      else expect(given).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  it('writes the id of the request in every line of its log, and no token', async () => {
    const lines: string[] = [];
    const destination = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(String(chunk));
        done();
      },
    });
    const logger = createLogger({ service: 'api', level: 'debug', destination });
    const { call, state } = apiUnderTest({ logger });
    state.failing = new TypeError('a defect');
    await call('GET', DATA_PATH, { token: 'manager', headers: { 'x-request-id': 'my-own-id' } });
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(JSON.parse(line).requestId).toBe('my-own-id');
    expect(lines.join('')).not.toContain('Bearer');
  });

  it.each(['DELETE', 'PUT', 'PATCH'] as const)('says to %s which methods a path has', async (method) => {
    const { server } = apiUnderTest();
    const answer = await server.inject({ method, url: DATA_PATH });
    expect([answer.statusCode, answer.headers['allow'], answer.json().error.code]).toEqual([
      405,
      'GET, POST',
      'METHOD_NOT_ALLOWED',
    ]);
  });

  it('limits the requests of each token, with Retry-After', async () => {
    const { call } = apiUnderTest({ settings: { requestsPerMinute: 2 } });
    for (const expected of [200, 200, 429]) expect((await call('GET', DATA_PATH)).status).toBe(expected);
    const refused = await call('GET', DATA_PATH);
    expect(refused.json.error).toMatchObject({ code: 'TOO_MANY_REQUESTS', request_id: expect.any(String) });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await call('GET', DATA_PATH, { token: 'reader' })).status).toBe(200);
  });

  it.each([
    ['%', 400],
    ['%ff', 400],
    [`${'x'.repeat(300)}`, 414],
  ])('answers the path …/%s in the envelope', async (part, status) => {
    const { server } = apiUnderTest();
    const answer = await server.inject({
      method: 'GET',
      url: `/api/v2/projects/${part}/devices/`,
      headers: { authorization: 'Bearer manager' },
    });
    expect([answer.statusCode, answer.json().success]).toEqual([status, false]);
    expect(answer.headers['x-request-id']).toBe(answer.json().error.request_id);
  });

  it('answers 304 to who has the answer already', async () => {
    const { call, server, points } = apiUnderTest();
    points.push(tempPoint(1708070400_000, 1));
    const { headers } = await call('GET', DATA_PATH);
    const again = await server.inject({
      method: 'GET',
      url: DATA_PATH,
      headers: { authorization: 'Bearer manager', 'if-none-match': `W/${headers['etag']}` },
    });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  it('notes that a device was heard of', async () => {
    const { call, contacts } = apiUnderTest();
    await call('POST', DATA_PATH, { body: [{ agri_id: TEMP, value: 1 }] });
    expect(contacts).toEqual([42]);
  });
});

describe('createServer, listening', () => {
  it.each([
    ['no HTTP', 'nonsense\r\n\r\n', 400, 'BAD_REQUEST'],
    [
      'endless headers',
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
  ])('answers %s in the envelope, and hangs up', async (_name, text, status, code) => {
    const { server } = apiUnderTest();
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => server.close());
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end(text);
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(JSON.parse(body).error).toMatchObject({ code, request_id: /x-request-id: (\w+)/.exec(head)?.[1] });
  });
});
