import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatedRequests } from '../generated-requests.ts';
import { type LivingApi, TOKENS } from '../living-api.ts';
import { answerProblem, DOCUMENT } from '../openapi-validator.ts';

/** Requests in one run; `npm run test:api-requests` makes 10,000. */
const RUNS = Number(process.env['FURROW_TEST_API_REQUESTS'] ?? 300);
const SEED = Number(process.env['FURROW_TEST_API_SEED'] ?? 20_260_101);

export function generatedSuite(api: LivingApi): void {
  describe(`${RUNS} requests made from the OpenAPI document`, () => {
    it('meet no defect, and no answer that the document does not describe', async () => {
      api.restart();
      const devicePks = [...api.pks.values()];
      const factors = await Promise.all(devicePks.map((devicePk) => api.registry.factors.list(devicePk)));
      const known = {
        project_id: ['greenhouse-alpha', 'cold-chain-east'],
        device_pk: devicePks,
        device_id: devicePks,
        factor_id: factors.flat().map(({ pk }) => pk),
        factor_agri_id: factors.flat().map(({ agri_id }) => agri_id),
        command_token: [await api.oneCommand()],
        ordering: ['id', '-bind_time', 'allow,-id'],
      };
      const resolve = (schema: Readonly<Record<string, unknown>>) => {
        const name =
          String(schema['$ref'] ?? '')
            .split('/')
            .at(-1) ?? '';
        return (DOCUMENT.components.schemas[name] as Readonly<Record<string, unknown>> | undefined) ?? schema;
      };
      const seen = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(generatedRequests(known, resolve), async (request) => {
          const response = await api.server.inject({
            method: request.method as 'GET',
            url: request.url,
            headers: {
              authorization: `Bearer ${TOKENS.manager}`,
              ...(request.contentType && { 'content-type': request.contentType }),
            },
            ...(request.body !== undefined && { payload: request.body }),
          });
          seen.set(response.statusCode, (seen.get(response.statusCode) ?? 0) + 1);
          const routed = response.statusCode !== 404 || !response.body.includes('"there is no ');
          if (routed)
            expect(answerProblem(request.operation, response.statusCode, response.body)).toBeUndefined();
          expect(response.statusCode).not.toBe(500);
          expect(String(response.headers['x-request-id'])).toMatch(/^[\w.-]{1,32}$/);
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
      // Requests that all end at the first check would prove nothing.
      expect(seen.get(200) ?? 0).toBeGreaterThan(RUNS / 10);
      expect(seen.get(400) ?? 0).toBeGreaterThan(RUNS / 20);
    }, 600_000);
  });
}
