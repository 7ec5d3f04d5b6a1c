import { describe, expect, it } from 'vitest';
import type { Route } from '../src/route.ts';
import { ROUTES } from '../src/routes.ts';
import { apiUnderTest } from './api-under-test.ts';
import { answerProblem, DOCUMENT, OPERATIONS, problemOf } from './openapi-validator.ts';

const operationOf = ({ path, method }: Route) =>
  OPERATIONS.find((found) => found.path === `/api/v2${path}` && found.method === method)?.operation;

describe('the OpenAPI document', () => {
  it('is 3.1 and has every route once, and nothing else', () => {
    expect(DOCUMENT.openapi).toBe('3.1.0');
    expect(OPERATIONS).toHaveLength(ROUTES.length);
    expect(new Set(OPERATIONS.map(({ operation }) => operation.operationId)).size).toBe(ROUTES.length);
  });

  it.each(ROUTES.map((route) => [route.method, route.path, route] as const))(
    '%s %s has an example that the schemas and the document accept',
    (_method, path, route) => {
      const operation = operationOf(route);
      if (!operation) throw new Error('it is not in the document');
      const { example } = route;
      expect(route.params.safeParse(example.params)).toMatchObject({ success: true });
      const query = Object.fromEntries(
        Object.entries(example.query ?? {}).map(([key, value]) => [key, String(value)]),
      );
      expect(route.query.safeParse(query)).toMatchObject({ success: true });
      if (route.body) expect(route.body.safeParse(example.body)).toMatchObject({ success: true });
      if (route.answer) expect(route.answer.safeParse(example.answer)).toMatchObject({ success: true });
      const status = route.answer === null ? 204 : 200;
      const envelope = JSON.stringify({ success: true, data: example.answer, error: null });
      expect(answerProblem(operation, status, route.answer === null ? '' : envelope)).toBeUndefined();
      const body = operation.requestBody?.content?.['application/json'];
      if (body) expect(problemOf(body.schema, body.example)).toBeUndefined();
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(parameters.map(({ name }) => name)).toEqual(inPath);
      for (const { schema, example: value } of operation.parameters) {
        if (value !== undefined) expect(problemOf(schema, value)).toBeUndefined();
      }
    },
  );

  it('describes numbers of paths and queries as numbers, with their limits', () => {
    const list = operationOf(ROUTES.find(({ operationId }) => operationId === 'listProjectDevices') as Route);
    expect(list?.parameters.find(({ name }) => name === 'page_size')?.schema).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 20,
    });
  });

  it('refuses in its schemas what the API refuses', () => {
    const factor = operationOf(ROUTES.find(({ operationId }) => operationId === 'createFactor') as Route);
    const schema = factor?.requestBody?.content?.['application/json']?.schema ?? {};
    expect(problemOf(schema, { unit: 1 })).toMatch(/required/);
  });

  it('is served without a token, with a page that needs nothing from elsewhere', async () => {
    const { server } = apiUnderTest();
    const get = async (url: string) => await server.inject({ method: 'GET', url });
    expect((await get('/api/v2/openapi.json')).json()).toEqual(DOCUMENT);
    const page = await get('/api/v2/docs/');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const parts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name = '']) => name);
    expect(parts).toHaveLength(3);
    for (const part of parts) {
      const answer = await get(`/api/v2/docs/${part}`);
      expect([answer.statusCode, answer.body.length > 0]).toEqual([200, true]);
    }
    expect(page.body).not.toMatch(/https?:/);
  });
});
