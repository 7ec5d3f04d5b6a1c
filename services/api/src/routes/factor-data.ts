import { agriIdSchema } from '@furrow/contracts';
import { z } from 'zod';
import { historyQuerySchema } from '../query-schemas.ts';
import { type Route, route } from '../route.ts';
import { answerHistory, HISTORY_CACHE_SECONDS, historySchema } from './history-answer.ts';
import { factorPath, foundFactor } from './paths.ts';

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
  handle: async (call, deps) => {
    const { device_id: devicePk, factor_id: factorPk } = call.params;
    const find = () => deps.registry.findFactor(call.caller, { devicePk, factorPk });
    const found = await foundFactor(call, deps, find, `device ${devicePk} has no factor ${factorPk}`);
    return await answerHistory(deps, found, call.query, call.fresh);
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
  handle: async (call, deps) => {
    const agriId = call.params.factor_agri_id;
    const find = () => deps.registry.findFactorByAgriId(call.caller, agriId);
    const found = await foundFactor(call, deps, find, `there is no factor ${agriId}`);
    return await answerHistory(deps, found, call.query, call.fresh);
  },
});

/** A factor's history: by the keys of device and factor, and by the factor's agri_id (reference: "Get Factor Data"). */
export const factorDataRoutes: readonly Route[] = [byKeys, byAgriId];
