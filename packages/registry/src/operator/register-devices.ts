import { randomInt } from 'node:crypto';
import type { AgriId } from '@furrow/contracts';
import { and, eq, sql } from 'drizzle-orm';
import type { NewDevice } from '../devices/devices.ts';
import type { Database } from '../engine/engine.ts';
import { newDeviceAgriIds } from '../fleet/device-agri-id.ts';
import { insertRows } from '../fleet/write-rows.ts';
import { anyOf } from '../lookups/columns.ts';
import { devices, orgs, projects } from '../schema/index.ts';
import type { ProjectName } from './projects.ts';

/** What stands on the label of a new device. */
export interface DeviceLabel {
  readonly deviceId: string;
  readonly agriId: AgriId;
  readonly safeCode: string;
}

/** `skipped` and `known` are `device_id`s that were registered before. */
export type RegisterOutcome =
  | {
      readonly kind: 'registered';
      readonly labels: readonly DeviceLabel[];
      readonly skipped: readonly string[];
    }
  | { readonly kind: 'known'; readonly known: readonly string[] }
  | { readonly kind: 'no_project' };

/** Letters and digits that nobody takes for another on a label. */
const CODE_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const CODE_LENGTH = 4;

/** So many new rows change what the planner should believe about the table. */
const ROWS_WORTH_ANALYZING = 1_000;

/** Registers devices, inside a transaction; one without a safe code gets one. */
export async function registerDevices(
  tx: Database,
  wanted: readonly NewDevice[],
  { project, skipKnown }: { readonly project: ProjectName | undefined; readonly skipKnown: boolean },
  now: Date,
): Promise<RegisterOutcome> {
  // Two that register at once would both find an identifier free.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('furrow.fleet'))`);
  const place = project && (await findProjectKeys(tx, project));
  if (project && place === undefined) return { kind: 'no_project' };
  const rows = await tx
    .select({ deviceId: devices.deviceId })
    .from(devices)
    .where(
      anyOf(
        devices.deviceId,
        wanted.map(({ deviceId }) => deviceId),
      ),
    );
  const known = new Set(rows.map(({ deviceId }) => deviceId));
  if (known.size > 0 && !skipKnown) return { kind: 'known', known: [...known] };
  const fresh = wanted.filter(({ deviceId }) => !known.has(deviceId));
  const agriIds = (await newDeviceAgriIds(tx, fresh.length, new Set())).values();
  const made = fresh.flatMap((device) => {
    const agriId = agriIds.next().value;
    return agriId === undefined ? [] : [{ device, agriId, safeCode: device.safeCode ?? newSafeCode() }];
  });
  await insertRows(
    tx,
    devices,
    made.map(({ device, agriId, safeCode }) => ({
      deviceId: device.deviceId,
      agriId,
      safeCode,
      deviceName: device.deviceName ?? '',
      info: device.info ?? '',
      scaled: device.scaled ?? false,
      allow: true,
      orgPk: place?.orgPk ?? null,
      projectPk: place?.projectPk ?? null,
      bindTime: place ? now : null,
    })),
  );
  // PGlite has nobody else who keeps the statistics.
  if (made.length >= ROWS_WORTH_ANALYZING) await tx.execute(sql`analyze devices`);
  const labels = made.map(({ device, agriId, safeCode }) => ({
    deviceId: device.deviceId,
    agriId,
    safeCode,
  }));
  return { kind: 'registered', labels, skipped: [...known] };
}

/** The keys of a project; undefined when there is none. */
export async function findProjectKeys(
  tx: Database,
  { orgId, projectId }: ProjectName,
): Promise<{ readonly orgPk: number; readonly projectPk: number } | undefined> {
  const [row] = await tx
    .select({ orgPk: orgs.pk, projectPk: projects.pk })
    .from(projects)
    .innerJoin(orgs, eq(orgs.pk, projects.orgPk))
    .where(and(eq(orgs.slug, orgId), eq(projects.projectId, projectId)));
  return row;
}

function newSafeCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => CODE_LETTERS[randomInt(CODE_LETTERS.length)]).join('');
}
