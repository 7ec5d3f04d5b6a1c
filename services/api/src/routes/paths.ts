import type { FactorOfDevice, RegisteredDevice } from '@furrow/registry';
import { z } from 'zod';
import type { AnswerTag } from '../answer-cache.ts';
import type { ApiDeps } from '../api-deps.ts';
import { ApiError } from '../errors.ts';
import { primaryKeySchema } from '../query-schemas.ts';
import type { Call } from '../route.ts';

/** A project by its public name. */
const projectIdSchema = z.string().describe('Public name of the project');

export const projectPath = z.object({ project_id: projectIdSchema });

export const projectDevicePath = z.object({
  project_id: projectIdSchema,
  device_pk: primaryKeySchema('device_pk'),
});

export const devicePath = z.object({ device_id: primaryKeySchema('device_id') });

export const factorPath = z.object({
  device_id: primaryKeySchema('device_id'),
  factor_id: primaryKeySchema('factor_id'),
});

/** What the paths of the documents' examples say. */
export const EXAMPLE_PROJECT = { project_id: 'cold-chain-east' };
export const EXAMPLE_PROJECT_DEVICE = { ...EXAMPLE_PROJECT, device_pk: '42' };

type InProject = Call<z.output<typeof projectDevicePath>, unknown, unknown>;

/** The scope's key of the device that the path names. */
export function keyOf({ params }: InProject) {
  return { devicePk: params.device_pk, projectId: params.project_id };
}

/** The error of the documents for a device that the project has not, and for a project that is not there. */
export function noDevice({ params }: InProject): ApiError {
  return new ApiError(
    'DEVICE_NOT_FOUND',
    `project ${params.project_id} has no device ${params.device_pk}, or there is no such project`,
  );
}

/**
 * How long a device or factor that was found is not looked up again: data routes are asked far more often than anything changes. As
 * fresh as the plans; what this process changes is looked up at once.
 */
const FOUND_TTL_MS = 2_000;

/** The device that the path names, as it is or was a moment ago; throws DEVICE_NOT_FOUND. */
export async function deviceOf(call: InProject, { registry, answers }: ApiDeps): Promise<RegisteredDevice> {
  const { caller, params, fresh } = call;
  const key = JSON.stringify(['found device', caller.orgPk, params]);
  const load = async () => {
    const device = await registry.findDevice(caller, keyOf(call));
    if (device === undefined) throw noDevice(call);
    return device;
  };
  return await answers.get(
    { key, tags: [`device ${params.device_pk}`], ttlMs: FOUND_TTL_MS, fresh },
    load,
    () => 1,
  );
}

/** The factor that `find` finds for this caller, or found a moment ago; throws FACTOR_NOT_FOUND with `missing`. */
export async function foundFactor(
  { caller, params, fresh }: Call<unknown, unknown, unknown>,
  { answers }: ApiDeps,
  find: () => Promise<FactorOfDevice | undefined>,
  missing: string,
): Promise<FactorOfDevice> {
  const key = JSON.stringify(['found factor', caller.orgPk, caller.projects, params]);
  const load = async () => {
    const found = await find();
    if (found === undefined) throw new ApiError('FACTOR_NOT_FOUND', missing);
    return found;
  };
  return await answers.get({ key, tags: [`org ${caller.orgPk}`], ttlMs: FOUND_TTL_MS, fresh }, load, () => 1);
}

/** The device of a path of the factor pages; throws DEVICE_NOT_FOUND. */
export async function factorsDevice(
  call: Call<z.output<typeof devicePath>, unknown, unknown>,
  { registry }: ApiDeps,
): Promise<RegisteredDevice> {
  const device = await registry.findDevice(call.caller, { devicePk: call.params.device_id });
  if (device) return device;
  throw new ApiError('DEVICE_NOT_FOUND', `there is no device ${call.params.device_id}`);
}

/** What a change of a device ends: the answers about it, and about the lists that it stands in. */
export function tagsOf(device: { readonly pk: number; readonly orgPk: number }): readonly AnswerTag[] {
  return [`org ${device.orgPk}`, `device ${device.pk}`];
}
