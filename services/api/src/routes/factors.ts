import type { FactorOutcome, RegisteredFactor } from '@furrow/registry';
import { z } from 'zod';
import type { ApiDeps } from '../api-deps.ts';
import { ApiError } from '../errors.ts';
import { noQuery } from '../query-schemas.ts';
import { type Call, type Route, route } from '../route.ts';
import {
  EXAMPLE_FACTOR,
  EXAMPLE_FACTOR_BODY,
  type FactorBody,
  factorAnswer,
  factorBodySchema,
  factorPatchSchema,
  factorSchema,
  patchedFactor,
  wantedOf,
} from '../schemas/factor.ts';
import { factorConflict } from '../schemas/factor-problem.ts';
import { validate } from '../validate.ts';
import { devicePath, factorPath, factorsDevice, tagsOf } from './paths.ts';

const EXAMPLE_DEVICE_PATH = { device_id: '1' };
const EXAMPLE_PATH = { device_id: '1', factor_id: '1' };

const listFactors = route({
  method: 'GET',
  path: '/devices/{device_id}/factors/',
  operationId: 'listFactors',
  tag: 'Factors',
  summary: 'The factors of a device',
  description: '`device_id` is the primary key of the device, `id` in the answers about devices.',
  role: 'reader',
  params: devicePath,
  query: noQuery,
  answer: z.array(factorSchema),
  errors: ['DEVICE_NOT_FOUND'],
  example: { params: EXAMPLE_DEVICE_PATH, answer: [EXAMPLE_FACTOR] },
  handle: async (call, deps) => {
    const device = await factorsDevice(call, deps);
    return (await deps.registry.factors.list(device.pk)).map(factorAnswer);
  },
});

const getFactor = route({
  method: 'GET',
  path: '/devices/{device_id}/factors/{factor_id}/',
  operationId: 'getFactor',
  tag: 'Factors',
  summary: 'One factor',
  role: 'reader',
  params: factorPath,
  query: noQuery,
  answer: factorSchema,
  errors: ['FACTOR_NOT_FOUND'],
  example: { params: EXAMPLE_PATH, answer: EXAMPLE_FACTOR },
  handle: async (call, { registry }) => {
    const found = await registry.findFactor(call.caller, keyOf(call));
    if (!found) throw noFactor(call);
    return factorAnswer(found.factor);
  },
});

const createFactor = route({
  method: 'POST',
  path: '/devices/{device_id}/factors/',
  operationId: 'createFactor',
  tag: 'Factors',
  summary: 'Add a factor to a device',
  role: 'manager',
  params: devicePath,
  query: noQuery,
  body: factorBodySchema,
  answer: factorSchema,
  errors: ['DEVICE_NOT_FOUND', 'CONFLICT'],
  example: { params: EXAMPLE_DEVICE_PATH, body: EXAMPLE_FACTOR_BODY, answer: EXAMPLE_FACTOR },
  handle: async (call, deps) => {
    const device = await factorsDevice(call, deps);
    const outcome = await deps.registry.factors.create(call.caller, device.pk, wantedOf(call.body));
    return changed(outcome, call, deps);
  },
});

const putFactor = route({
  method: 'PUT',
  path: '/devices/{device_id}/factors/{factor_id}/',
  operationId: 'putFactor',
  tag: 'Factors',
  summary: 'Put another definition in the place of a factor’s',
  description:
    'What the body does not say takes its default. A factor that moves to another unit, address or data_index gets the agri_id of that ' +
    'position; the readings under the old one stay there until their time is over.',
  role: 'manager',
  params: factorPath,
  query: noQuery,
  body: factorBodySchema,
  answer: factorSchema,
  errors: ['FACTOR_NOT_FOUND', 'CONFLICT'],
  example: { params: EXAMPLE_PATH, body: EXAMPLE_FACTOR_BODY, answer: EXAMPLE_FACTOR },
  handle: (call, deps) => update(call, deps, () => call.body),
});

const patchFactor = route({
  method: 'PATCH',
  path: '/devices/{device_id}/factors/{factor_id}/',
  operationId: 'patchFactor',
  tag: 'Factors',
  summary: 'Change some fields of a factor',
  description: 'What the body does not say stays; `null` takes an option away.',
  role: 'manager',
  params: factorPath,
  query: noQuery,
  body: factorPatchSchema,
  answer: factorSchema,
  errors: ['FACTOR_NOT_FOUND', 'CONFLICT'],
  example: {
    params: EXAMPLE_PATH,
    body: { info: 'North wall' },
    answer: { ...EXAMPLE_FACTOR, info: 'North wall' },
  },
  handle: (call, deps) =>
    update(call, deps, (before) => validate(factorBodySchema, patchedFactor(before, call.body), 'body')),
});

const deleteFactor = route({
  method: 'DELETE',
  path: '/devices/{device_id}/factors/{factor_id}/',
  operationId: 'deleteFactor',
  tag: 'Factors',
  summary: 'Remove a factor',
  role: 'manager',
  params: factorPath,
  query: noQuery,
  answer: z.null(),
  errors: ['FACTOR_NOT_FOUND'],
  example: { params: EXAMPLE_PATH, answer: null },
  handle: async (call, { registry, answers }) => {
    const device = await registry.factors.remove(call.caller, keyOf(call));
    if (device === undefined) throw noFactor(call);
    answers.invalidate(...tagsOf(device));
    return null;
  },
});

const copyFactor = route({
  method: 'POST',
  path: '/devices/{device_id}/factors/{factor_id}/copy/',
  operationId: 'copyFactor',
  tag: 'Factors',
  summary: 'Copy a factor to the next free data_index',
  role: 'manager',
  params: factorPath,
  query: noQuery,
  answer: factorSchema,
  errors: ['FACTOR_NOT_FOUND', 'CONFLICT'],
  example: {
    params: EXAMPLE_PATH,
    answer: {
      ...EXAMPLE_FACTOR,
      pk: 2,
      name: 'Air temperature_copy',
      data_index: 1,
      agri_id: 'd-1000-abcd-1-01',
    },
  },
  handle: async (call, deps) => {
    const outcome = await deps.registry.factors.copy(call.caller, keyOf(call));
    if (outcome.kind === 'no_room') {
      const message = 'no data_index after it is free within one read';
      throw new ApiError('CONFLICT', message, { fields: [{ name: 'data_index', message }] });
    }
    return changed(outcome, call, deps);
  },
});

type OnFactor = Call<z.output<typeof factorPath>, unknown, unknown>;

function keyOf({ params }: OnFactor) {
  return { devicePk: params.device_id, factorPk: params.factor_id };
}

function noFactor({ params }: OnFactor): ApiError {
  return new ApiError('FACTOR_NOT_FOUND', `device ${params.device_id} has no factor ${params.factor_id}`);
}

/** Changes a factor under its device's lock. What `wanted` throws is thrown after the lock is off. */
async function update(call: OnFactor, deps: ApiDeps, wanted: (before: RegisteredFactor) => FactorBody) {
  let refusal: unknown;
  const outcome = await deps.registry.factors.update(call.caller, keyOf(call), (before) => {
    try {
      return wantedOf(wanted(before));
    } catch (error) {
      refusal = error;
      return undefined;
    }
  });
  if (outcome.kind === 'declined') throw refusal;
  if (outcome.kind === 'missing') throw noFactor(call);
  return changed(outcome, call, deps);
}

function changed(
  outcome: FactorOutcome,
  call: Call<z.output<typeof devicePath>, unknown, unknown>,
  deps: ApiDeps,
) {
  if (outcome.kind === 'missing') {
    throw new ApiError('FACTOR_NOT_FOUND', `device ${call.params.device_id} has no such factor`);
  }
  if (outcome.kind === 'refused') throw factorConflict(outcome.problem);
  deps.answers.invalidate(...tagsOf(outcome.device));
  deps.cache.invalidate(outcome.factor.agri_id);
  return factorAnswer(outcome.factor);
}

/** The factors of a device (reference 002). */
export const factorRoutes: readonly Route[] = [
  listFactors,
  getFactor,
  createFactor,
  putFactor,
  patchFactor,
  deleteFactor,
  copyFactor,
];
