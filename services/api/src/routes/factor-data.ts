import { agriIdSchema } from '@furrow/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../authenticate.ts';
import { ApiError } from '../errors.ts';
import { historyQuerySchema, primaryKeySchema } from '../page-query.ts';
import type { ApiDeps } from '../server.ts';
import { validate } from '../validate.ts';
import { answerHistory } from './history-answer.ts';
import { wantsFresh } from './wants-fresh.ts';

const byKeysSchema = z.object({
  device_id: primaryKeySchema('device_id'),
  factor_id: primaryKeySchema('factor_id'),
});
const byAgriIdSchema = z.object({ factor_agri_id: agriIdSchema });

/** A factor's history: by the keys of device and factor, and by the factor's agri_id (reference: "Get Factor Data"). */
export function factorDataRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get('/devices/:device_id/factors/:factor_id/data/', async (request) => {
    const { device_id, factor_id } = validate(byKeysSchema, request.params, 'path');
    const found = await deps.registry.findFactor(callerOf(request), {
      devicePk: device_id,
      factorPk: factor_id,
    });
    return answer(request, found, `device ${device_id} has no factor ${factor_id}`);
  });

  app.get('/factors/:factor_agri_id/data/', async (request) => {
    const { factor_agri_id } = validate(byAgriIdSchema, request.params, 'path');
    const found = await deps.registry.findFactorByAgriId(callerOf(request), factor_agri_id);
    return answer(request, found, `there is no factor ${factor_agri_id}`);
  });

  type Found = Awaited<ReturnType<ApiDeps['registry']['findFactor']>>;
  async function answer(request: FastifyRequest, found: Found, missing: string): Promise<unknown> {
    const query = validate(historyQuerySchema, request.query, 'query');
    if (found === undefined) throw new ApiError('FACTOR_NOT_FOUND', missing);
    return answerHistory(deps, found.factor.agri_id, query, wantsFresh(request));
  }
}
