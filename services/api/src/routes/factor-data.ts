import { agriIdSchema } from '@furrow/contracts';
import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { historyQuerySchema } from '../query-schemas.ts';
import { type Route, route } from '../route.ts';
import { answerHistory, HISTORY_CACHE_SECONDS, historySchema } from './history-answer.ts';
import { factorPath } from './paths.ts';

const EXAMPLE_QUERY = { page: 1, page_size: 50, min_timestamp: 1704758400 };
const EXAMPLE_ANSWER = { total: 100, data: [{ agri_id: 'DEVICE001-1-00', v: 25.6, t: 1705000000 }] };

const byKeys = route({
  method: 'GET',
  path: '/devices/{device_id}/factors/{factor_id}/data/',
  operationId: 'getFactorData',
  tag: 'Data',
  summary: 'A factor’s readings of the last 90 days, newest first',
  role: 'reader',
  params: factorPath,
  query: historyQuerySchema,
  answer: historySchema,
  errors: ['FACTOR_NOT_FOUND'],
  cacheSeconds: HISTORY_CACHE_SECONDS,
  example: { params: { device_id: '1', factor_id: '2' }, query: EXAMPLE_QUERY, answer: EXAMPLE_ANSWER },
  handle: async ({ caller, params, query, fresh }, deps) => {
    const { device_id, factor_id } = params;
    const found = await deps.registry.findFactor(caller, { devicePk: device_id, factorPk: factor_id });
    if (!found) throw new ApiError('FACTOR_NOT_FOUND', `device ${device_id} has no factor ${factor_id}`);
    return await answerHistory(deps, found, query, fresh);
  },
});

const byAgriId = route({
  method: 'GET',
  path: '/factors/{factor_agri_id}/data/',
  operationId: 'getDataByFactorAgriId',
  tag: 'Data',
  summary: 'The same by the factor’s complete ID',
  role: 'reader',
  params: z.object({ factor_agri_id: agriIdSchema }),
  query: historyQuerySchema,
  answer: historySchema,
  errors: ['FACTOR_NOT_FOUND'],
  cacheSeconds: HISTORY_CACHE_SECONDS,
  example: { params: { factor_agri_id: 'DEVICE001-1-00' }, query: EXAMPLE_QUERY, answer: EXAMPLE_ANSWER },
  handle: async ({ caller, params, query, fresh }, deps) => {
    const found = await deps.registry.findFactorByAgriId(caller, params.factor_agri_id);
    if (!found) throw new ApiError('FACTOR_NOT_FOUND', `there is no factor ${params.factor_agri_id}`);
    return await answerHistory(deps, found, query, fresh);
  },
});

/** A factor's history: by the keys of device and factor, and by the factor's agri_id (reference: "Get Factor Data"). */
export const factorDataRoutes: readonly Route[] = [byKeys, byAgriId];
