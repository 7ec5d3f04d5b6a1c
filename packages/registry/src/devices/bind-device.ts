import { createHash, timingSafeEqual } from 'node:crypto';
import type { AgriId } from '@furrow/contracts';
import { and, eq } from 'drizzle-orm';
import type { Database } from '../engine/engine.ts';
import { openProjects } from '../lookups/scope.ts';
import type { AccessScope } from '../records.ts';
import { devices, projects } from '../schema/index.ts';

export interface BindRequest {
  /** Hardware identifier on the label. */
  readonly deviceId: string;
  /** The four characters on the label. */
  readonly safeCode: string;
  /** Public name of the project that gets the device. */
  readonly projectId: string;
}

/**
 * What became of it. `no_match` is an unknown device and a wrong code alike, also when the device is bound; `bound_elsewhere` is
 * said only to somebody who knows the code. A device that is in this very project already stays as it is.
 */
export type BindOutcome =
  | { readonly kind: 'bound' | 'unchanged'; readonly devicePk: number; readonly agriId: AgriId }
  | { readonly kind: 'no_project' | 'no_match' | 'bound_elsewhere' };

/** Binds the device, inside a transaction. */
export async function bindDevice(
  tx: Database,
  scope: AccessScope,
  { deviceId, safeCode, projectId }: BindRequest,
  now: Date,
): Promise<BindOutcome> {
  const [project] = await tx
    .select({ pk: projects.pk })
    .from(projects)
    .where(and(eq(projects.orgPk, scope.orgPk), eq(projects.projectId, projectId), openProjects(scope)));
  if (project === undefined) return { kind: 'no_project' };
  const [device] = await tx.select().from(devices).where(eq(devices.deviceId, deviceId)).for('update');
  if (!isSameCode(device?.safeCode ?? null, safeCode) || device === undefined) return { kind: 'no_match' };
  if (device.orgPk !== null && device.orgPk !== scope.orgPk) return { kind: 'bound_elsewhere' };
  const key = { devicePk: device.pk, agriId: device.agriId };
  if (device.projectPk === project.pk) return { kind: 'unchanged', ...key };
  if (device.projectPk !== null) return { kind: 'bound_elsewhere' };
  await tx
    .update(devices)
    .set({ orgPk: scope.orgPk, projectPk: project.pk, bindTime: now })
    .where(eq(devices.pk, device.pk));
  return { kind: 'bound', ...key };
}

/** Compared as digests, so that the time says nothing, not even whether there is a code. */
function isSameCode(stored: string | null, given: string): boolean {
  const same = timingSafeEqual(digest(stored ?? ''), digest(given));
  return same && stored !== null && stored !== '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
