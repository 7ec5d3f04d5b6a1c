import { describe, expect, it } from 'vitest';
import { AGRI_ID_PATH, apiUnderTest, DATA_PATH, DownError, FACTOR_PATH } from './api-under-test.ts';

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
});
