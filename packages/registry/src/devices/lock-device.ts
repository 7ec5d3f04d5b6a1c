import { and, eq } from 'drizzle-orm';
import type { Database } from '../engine/engine.ts';
import { deviceColumns } from '../lookups/columns.ts';
import { isPk, openProjects } from '../lookups/scope.ts';
import type { AccessScope, RegisteredDevice } from '../records.ts';
import { devices, orgs, projects } from '../schema/index.ts';

/**
 * The device of the scope with that key, locked to the end of the transaction, so that what is checked stays true until it is
 * written. Undefined when there is none.
 */
export async function lockDevice(
  tx: Database,
  scope: AccessScope,
  key: { readonly devicePk: number; readonly projectId?: string | undefined },
): Promise<(RegisteredDevice & { readonly projectPk: number | null }) | undefined> {
  if (!isPk(key.devicePk)) return undefined;
  const [row] = await tx
    .select({ ...deviceColumns, projectPk: devices.projectPk })
    .from(devices)
    .innerJoin(orgs, eq(orgs.pk, devices.orgPk))
    .leftJoin(projects, eq(projects.pk, devices.projectPk))
    .where(
      and(
        eq(devices.pk, key.devicePk),
        eq(devices.orgPk, scope.orgPk),
        key.projectId === undefined ? undefined : eq(projects.projectId, key.projectId),
        openProjects(scope),
      ),
    )
    .for('update', { of: devices });
  return row;
}
