import { factorDefinitionSchema, unitSchema } from '@furrow/contracts';
import type { ImportOutcome, RegisteredDevice } from '@furrow/registry';
import { z } from 'zod';
import type { ApiDeps } from '../api-deps.ts';
import { ApiError } from '../errors.ts';
import { noQuery } from '../query-schemas.ts';
import { type Route, route } from '../route.ts';
import { EXAMPLE_FACTOR, EXAMPLE_FACTOR_BODY, factorAnswer, factorSchema } from '../schemas/factor.ts';
import { factorProblemText } from '../schemas/factor-problem.ts';
import { DONE } from '../schemas/message.ts';
import { factorFileSchema, readFactorFile, refusedFile, writeFactorFile } from './factor-file.ts';
import { deviceOf, EXAMPLE_PROJECT_DEVICE, noDevice, projectDevicePath, tagsOf } from './paths.ts';

const exportFactors = route({
  method: 'POST',
  path: '/projects/{project_id}/devices/{device_pk}/export-factors/',
  operationId: 'exportFactors',
  tag: 'Factors',
  summary: 'Download the factors of a device as a file',
  description: 'The whole answer is a file that `import-factors` takes, of this device or of another.',
  role: 'reader',
  params: projectDevicePath,
  query: noQuery,
  answer: factorFileSchema,
  errors: ['DEVICE_NOT_FOUND'],
  attachment: 'factors.json',
  example: {
    params: EXAMPLE_PROJECT_DEVICE,
    answer: {
      format: 'furrow-factors',
      version: 1,
      device: 'd-1000-abcd',
      factors: [{ ...EXAMPLE_FACTOR_BODY, agri_id: 'd-1000-abcd-1-00', name: 'Air temperature' }],
    },
  },
  handle: async (call, deps) => {
    const device = await deviceOf(call, deps);
    return writeFactorFile(device, await deps.registry.factors.list(device.pk));
  },
});

const importedSchema = z.object({
  message: z.string(),
  created: z.int(),
  unchanged: z.int().describe('Factors that were there already, just like this'),
  deleted: z.int(),
  rows: z.array(
    z.object({
      row: z.int().describe('Place in the file, from 0'),
      status: z.enum(['created', 'unchanged']),
      factor: z.int().describe('Primary key of the factor'),
      warning: z.string().optional(),
    }),
  ),
});

const TRUE_TEXTS = ['true', '1', 'on', 'yes'];
const FALSE_TEXTS = ['false', '0', 'off', 'no', ''];

const importFactors = route({
  method: 'POST',
  path: '/projects/{project_id}/devices/{device_pk}/import-factors/',
  operationId: 'importFactors',
  tag: 'Factors',
  summary: 'Upload factors for a device',
  description:
    'All rows are written or none. A row at the place of a factor that is another is refused, unless `clear_existing` takes all factors ' +
    'away first. When rows are refused, `error.fields` names them as `factors[<row>]`.',
  role: 'manager',
  params: projectDevicePath,
  query: noQuery,
  upload: z.object({
    file: z
      .string()
      .meta({ format: 'binary', description: 'What export-factors answered, or a JSON list of factors' }),
    clear_existing: z.boolean().optional().describe('Take the factors that the device has away first'),
  }),
  answer: importedSchema,
  errors: ['DEVICE_NOT_FOUND', 'CONFLICT'],
  example: {
    params: EXAMPLE_PROJECT_DEVICE,
    answer: {
      message: DONE,
      created: 1,
      unchanged: 0,
      deleted: 0,
      rows: [{ row: 0, status: 'created', factor: 1 }],
    },
  },
  handle: async (call, deps) => {
    const device = await deviceOf(call, deps);
    const { file = Buffer.alloc(0), fields = {} } = call.upload ?? {};
    const clearExisting = truthOf(fields['clear_existing'] ?? 'false');
    const wanted = readFactorFile(file, device);
    const outcome = await deps.registry.factors.import(call.caller, device.pk, wanted, { clearExisting });
    const { rows, deleted } = imported(outcome, device, deps, () => noDevice(call));
    return {
      message: DONE,
      created: rows.filter(({ kind }) => kind === 'created').length,
      unchanged: rows.filter(({ kind }) => kind === 'unchanged').length,
      deleted,
      rows: rows.map((row, index) => {
        if (row.kind === 'unchanged') return { row: index, status: row.kind, factor: row.factorPk };
        const { pk, warning } = factorAnswer(row.factor);
        return { row: index, status: row.kind, factor: pk, ...(warning !== undefined && { warning }) };
      }),
    };
  },
});

const addModule = route({
  method: 'POST',
  path: '/projects/{project_id}/devices/{device_pk}/add-module/',
  operationId: 'addModule',
  tag: 'Factors',
  summary: 'Add the factors of a module at a slave address',
  description: '`GET /base/modules/` lists the modules.',
  role: 'manager',
  params: projectDevicePath,
  query: noQuery,
  body: z.object({
    module_id: z
      .int('module_id is a whole number')
      .min(1, 'module_id is 1 or more')
      .max(2_147_483_647, 'module_id is at most 2147483647'),
    slave_id: unitSchema,
  }),
  answer: z.object({ message: z.string(), factors: z.array(factorSchema) }),
  errors: ['DEVICE_NOT_FOUND', 'NOT_FOUND', 'CONFLICT'],
  example: {
    params: EXAMPLE_PROJECT_DEVICE,
    body: { module_id: 5, slave_id: 1 },
    answer: { message: DONE, factors: [EXAMPLE_FACTOR] },
  },
  handle: async (call, deps) => {
    const device = await deviceOf(call, deps);
    const { module_id, slave_id: unit } = call.body;
    const module = await deps.registry.modules.find(module_id);
    if (!module) {
      const message = 'a module that GET /api/v2/base/modules/ lists';
      throw new ApiError('NOT_FOUND', `there is no module ${module_id}`, {
        fields: [{ name: 'module_id', message }],
      });
    }
    const wanted = module.factors.map(({ name, definition }) => ({
      name,
      definition: factorDefinitionSchema.parse({ ...definition, unit }),
    }));
    const outcome = await deps.registry.factors.import(call.caller, device.pk, wanted, {
      clearExisting: false,
    });
    const { rows } = imported(outcome, device, deps, () => noDevice(call));
    const created = rows.flatMap((row) => (row.kind === 'created' ? [factorAnswer(row.factor)] : []));
    return { message: DONE, factors: created };
  },
});

/** The import that went through; throws what was in the way of it. */
function imported(outcome: ImportOutcome, device: RegisteredDevice, deps: ApiDeps, missing: () => ApiError) {
  if (outcome.kind === 'missing') throw missing();
  if (outcome.kind === 'refused') {
    const problems = outcome.problems.map(({ index, problem }) => ({
      name: `factors[${index}]`,
      message: factorProblemText(problem),
    }));
    throw refusedFile(problems, 'CONFLICT');
  }
  deps.answers.invalidate(...tagsOf(device));
  deps.cache.invalidate(device.agriId);
  return outcome;
}

function truthOf(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (TRUE_TEXTS.includes(word)) return true;
  if (FALSE_TEXTS.includes(word)) return false;
  const message = 'clear_existing is true or false';
  throw new ApiError('VALIDATION_ERROR', message, { fields: [{ name: 'clear_existing', message }] });
}

/** Many factors at once (reference 001: export, import, add-module). */
export const factorTransferRoutes: readonly Route[] = [exportFactors, importFactors, addModule];
