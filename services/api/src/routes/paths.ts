import type { RegisteredDevice } from '@furrow/registry';
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

/** The device that the path names; throws DEVICE_NOT_FOUND. */
export async function deviceOf(call: InProject, { registry }: ApiDeps): Promise<RegisteredDevice> {
  const device = await registry.findDevice(call.caller, keyOf(call));
  if (device === undefined) throw noDevice(call);
  return device;
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
