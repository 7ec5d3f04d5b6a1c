import type { AgriId } from '@furrow/contracts';
import type { Database } from '../engine/engine.ts';
import { RegistryConflictError } from '../errors.ts';
import { anyOf } from '../lookups/columns.ts';
import { devices } from '../schema/index.ts';
import type { PlacedDevice } from './apply-orgs.ts';
import { newDeviceAgriIds } from './device-agri-id.ts';
import type { FleetDevice } from './fleet-schema.ts';
import { noCounts, type SeedCounts } from './seed-report.ts';
import { insertRows, updateRows } from './write-rows.ts';

/** A device of the file that is in the database. */
export interface StoredDevice {
  readonly device: FleetDevice;
  readonly pk: number;
  readonly agriId: AgriId;
}

type DeviceRow = typeof devices.$inferSelect;

/**
 * Creates and updates the devices. A device stays in its organization and keeps its agri_id; a file that wants otherwise is
 * refused.
 */
export async function applyDevices(
  db: Database,
  placed: readonly PlacedDevice[],
  now: Date,
): Promise<{ counts: SeedCounts; stored: StoredDevice[] }> {
  const deviceIds = placed.map(({ device }) => device.device_id);
  const existing = new Map(
    (await db.select().from(devices).where(anyOf(devices.deviceId, deviceIds))).map((row) => [
      row.deviceId,
      row,
    ]),
  );
  refuseMoves(placed, existing);
  const counts = noCounts();
  const created: PlacedDevice[] = [];
  const updated: (Partial<DeviceRow> & { pk: number })[] = [];
  for (const wanted of placed) {
    const row = existing.get(wanted.device.device_id);
    if (row === undefined) {
      created.push(wanted);
      continue;
    }
    const change = changeOf(wanted, row, now);
    if (change) updated.push(change);
    else counts.unchanged++;
  }
  counts.created = created.length;
  counts.updated = updated.length;
  await updateRows(db, devices, updated);
  await insertRows(db, devices, await newRows(db, created, now));
  const keys = await db
    .select({ deviceId: devices.deviceId, pk: devices.pk, agriId: devices.agriId })
    .from(devices)
    .where(anyOf(devices.deviceId, deviceIds));
  const byDeviceId = new Map(keys.map((row) => [row.deviceId, row]));
  const stored = placed.flatMap(({ device }) => {
    const row = byDeviceId.get(device.device_id);
    return row ? [{ device, pk: row.pk, agriId: row.agriId }] : [];
  });
  return { counts, stored };
}

function refuseMoves(placed: readonly PlacedDevice[], existing: ReadonlyMap<string, DeviceRow>): void {
  const problems = placed.flatMap(({ device, orgPk }) => {
    const row = existing.get(device.device_id);
    if (row === undefined) return [];
    if (row.orgPk !== null && row.orgPk !== orgPk) {
      return [`device ${device.device_id} belongs to another organization`];
    }
    if (device.agri_id !== undefined && device.agri_id !== row.agriId) {
      return [
        `device ${device.device_id} has the agri_id ${row.agriId}, which cannot become ${device.agri_id}`,
      ];
    }
    return [];
  });
  if (problems.length > 0) throw new RegistryConflictError(problems);
}

/** The new state of a device that the file changes; undefined when it changes nothing. */
function changeOf(
  { device, orgPk, projectPk }: PlacedDevice,
  row: DeviceRow,
  now: Date,
): (Partial<DeviceRow> & { pk: number }) | undefined {
  const moved = row.projectPk !== projectPk || row.orgPk !== orgPk;
  const next = {
    orgPk,
    projectPk,
    deviceName: device.device_name ?? row.deviceName,
    info: device.info ?? row.info,
    safeCode: device.safe_code ?? row.safeCode,
    allow: device.allow ?? row.allow,
    scaled: device.scaled ?? row.scaled,
    gatewayModel: device.gateway_model ?? row.gatewayModel,
    bindTime: moved ? now : row.bindTime,
  };
  const same = Object.entries(next).every(([key, value]) => Reflect.get(row, key) === value);
  return same ? undefined : { pk: row.pk, ...next };
}

async function newRows(
  db: Database,
  created: readonly PlacedDevice[],
  now: Date,
): Promise<(typeof devices.$inferInsert)[]> {
  const literal = new Set(
    created.flatMap(({ device }) => (device.agri_id === undefined ? [] : [device.agri_id])),
  );
  const made = (await newDeviceAgriIds(db, created.length - literal.size, literal)).values();
  return created.flatMap(({ device, orgPk, projectPk }) => {
    const agriId = device.agri_id ?? made.next().value;
    if (agriId === undefined) return [];
    return [
      {
        orgPk,
        projectPk,
        deviceId: device.device_id,
        agriId,
        deviceName: device.device_name ?? '',
        info: device.info ?? '',
        safeCode: device.safe_code ?? null,
        allow: device.allow ?? true,
        scaled: device.scaled ?? false,
        gatewayModel: device.gateway_model ?? 'yy-m200',
        bindTime: now,
      },
    ];
  });
}
