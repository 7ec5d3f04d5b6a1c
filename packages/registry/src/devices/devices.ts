import type { AgriId } from '@furrow/contracts';
import { and, eq, type SQL, sql } from 'drizzle-orm';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import { newDeviceAgriIds } from '../fleet/device-agri-id.ts';
import { deviceArray, deviceColumns, deviceOf } from '../lookups/columns.ts';
import { isPk, openProjects } from '../lookups/scope.ts';
import type { AccessScope, DeviceDetails, RegisteredDevice } from '../records.ts';
import { devices, factors, orgs, projects } from '../schema/index.ts';
import { type BindOutcome, type BindRequest, bindDevice } from './bind-device.ts';
import { type DeviceQuery, deviceFilter, deviceOrder } from './device-query.ts';
import { lockDevice } from './lock-device.ts';

/** A device by its primary key; with a `projectId`, only if it is in that project. */
export interface DeviceKey {
  readonly devicePk: number;
  readonly projectId?: string;
}

export interface DeviceChange {
  readonly info?: string | undefined;
  readonly allow?: boolean | undefined;
}

/** What became of a move: `no_device` and `no_project` are also those outside the scope. */
export type MoveOutcome =
  | { readonly kind: 'moved'; readonly device: DeviceDetails }
  | { readonly kind: 'no_device' }
  | { readonly kind: 'no_project' };

/** A device as it leaves manufacturing: bound to nobody. */
export interface NewDevice {
  readonly deviceId: string;
  readonly safeCode: string | null;
  readonly deviceName?: string;
  readonly info?: string;
  readonly scaled?: boolean;
}

/** True when a factor of the device says a lowest or a highest value: the one kind of threshold there is. */
const hasThresholds = sql<boolean>`exists (
  select 1 from ${factors} where ${factors.devicePk} = ${devices.pk}
  and (${factors.extras} ->> 'min' is not null or ${factors.extras} ->> 'max' is not null))`;

const detailColumns = { ...deviceColumns, hasThresholds };

/**
 * Lists and changes of devices. What lies outside the scope is treated exactly like what does not exist. All methods throw a
 * {@link RegistryError}.
 */
export class Devices {
  readonly #db: Database;
  readonly #changed: (device: AgriId) => void;

  /** `changed` is told which device was just changed. */
  constructor(db: Database, changed: (device: AgriId) => void = () => {}) {
    this.#db = db;
    this.#changed = changed;
  }

  /** All devices that the query wants, without a limit. */
  async list(scope: AccessScope, query: DeviceQuery): Promise<readonly RegisteredDevice[]> {
    const order = sql.join(deviceOrder(query), sql`, `);
    const [row] = await inRegistry(async () =>
      this.#db
        .select({ list: deviceArray(order) })
        .from(devices)
        .innerJoin(orgs, eq(orgs.pk, devices.orgPk))
        .leftJoin(projects, eq(projects.pk, devices.projectPk))
        .where(deviceFilter(scope, query)),
    );
    return (row?.list ?? []).map(deviceOf);
  }

  /** One page of them, counted from 1, and how many there are in all. */
  async page(
    scope: AccessScope,
    query: DeviceQuery & { readonly page: number; readonly pageSize: number },
  ): Promise<{ readonly count: number; readonly devices: readonly DeviceDetails[] }> {
    const filter = deviceFilter(scope, query);
    return await inRegistry(async () => {
      const counted = this.#db
        .select({ count: sql<number>`count(*)::integer` })
        .from(devices)
        .leftJoin(projects, eq(projects.pk, devices.projectPk))
        .where(filter);
      const listed = this.#db
        .select(detailColumns)
        .from(devices)
        .innerJoin(orgs, eq(orgs.pk, devices.orgPk))
        .leftJoin(projects, eq(projects.pk, devices.projectPk))
        .where(filter)
        .orderBy(...deviceOrder(query))
        .limit(query.pageSize)
        .offset((query.page - 1) * query.pageSize);
      const [[total], rows] = await Promise.all([counted, listed]);
      return { count: total?.count ?? 0, devices: rows };
    });
  }

  async details(scope: AccessScope, key: DeviceKey): Promise<DeviceDetails | undefined> {
    return await inRegistry(() => detailsOf(this.#db, scope, key));
  }

  /** The device as it is after the change; undefined when there is none. */
  async update(
    scope: AccessScope,
    key: DeviceKey,
    { info, allow }: DeviceChange,
  ): Promise<DeviceDetails | undefined> {
    const set = { ...(info !== undefined && { info }), ...(allow !== undefined && { allow }) };
    return await this.#change(scope, key, set);
  }

  /** Binds a device to a project by the code on its label. */
  async bind(scope: AccessScope, request: BindRequest): Promise<BindOutcome> {
    const outcome = await inRegistry(() =>
      this.#db.transaction((tx) => bindDevice(tx, scope, request, new Date())),
    );
    if ('agriId' in outcome) this.#changed(outcome.agriId);
    return outcome;
  }

  /**
   * Takes the device out of its project; it stays with its organization, whose readings it has. The device as it was before;
   * undefined when there is none.
   */
  async unbind(scope: AccessScope, key: DeviceKey): Promise<RegisteredDevice | undefined> {
    const unbound = await inRegistry(() =>
      this.#db.transaction(async (tx) => {
        const device = await lockDevice(tx, scope, key);
        if (device === undefined) return undefined;
        await tx.update(devices).set({ projectPk: null, bindTime: null }).where(eq(devices.pk, device.pk));
        return device;
      }),
    );
    if (unbound) this.#changed(unbound.agriId);
    return unbound;
  }

  /** Moves the device to another project of its organization, both of them in the scope. */
  async move(scope: AccessScope, key: DeviceKey, targetProjectId: string): Promise<MoveOutcome> {
    const outcome = await inRegistry(() =>
      this.#db.transaction(async (tx): Promise<MoveOutcome> => {
        const device = await lockDevice(tx, scope, key);
        if (device === undefined) return { kind: 'no_device' };
        const [target] = await tx
          .select({ pk: projects.pk })
          .from(projects)
          .where(
            and(
              eq(projects.orgPk, scope.orgPk),
              eq(projects.projectId, targetProjectId),
              openProjects(scope),
            ),
          );
        if (target === undefined) return { kind: 'no_project' };
        await tx.update(devices).set({ projectPk: target.pk }).where(eq(devices.pk, device.pk));
        const moved = await detailsOf(tx, scope, { devicePk: device.pk });
        if (moved === undefined) return { kind: 'no_device' };
        return { kind: 'moved', device: moved };
      }),
    );
    if (outcome.kind === 'moved') this.#changed(outcome.device.agriId);
    return outcome;
  }

  /** Registers a device that is bound to nobody. A `device_id` that is taken is a {@link RegistryConflictError}. */
  async register(device: NewDevice): Promise<{ readonly pk: number; readonly agriId: AgriId }> {
    return await inRegistry(() =>
      this.#db.transaction(async (tx) => {
        const [agriId] = await newDeviceAgriIds(tx, 1, new Set());
        if (agriId === undefined) throw new Error('a new agri_id was asked for and none was given');
        const [row] = await tx
          .insert(devices)
          .values({ ...device, agriId })
          .returning({ pk: devices.pk });
        if (row === undefined) throw new Error('a device was inserted without a row');
        return { pk: row.pk, agriId };
      }),
    );
  }

  async #change(
    scope: AccessScope,
    key: DeviceKey,
    set: Partial<typeof devices.$inferInsert>,
  ): Promise<DeviceDetails | undefined> {
    const changed = await inRegistry(() =>
      this.#db.transaction(async (tx) => {
        const device = await lockDevice(tx, scope, key);
        if (device === undefined) return undefined;
        if (Object.keys(set).length > 0) {
          await tx.update(devices).set(set).where(eq(devices.pk, device.pk));
        }
        return await detailsOf(tx, scope, key);
      }),
    );
    if (changed) this.#changed(changed.agriId);
    return changed;
  }
}

async function detailsOf(
  db: Database,
  scope: AccessScope,
  key: DeviceKey,
): Promise<DeviceDetails | undefined> {
  if (!isPk(key.devicePk)) return undefined;
  const inProject: SQL | undefined =
    key.projectId === undefined ? undefined : eq(projects.projectId, key.projectId);
  const [row] = await db
    .select(detailColumns)
    .from(devices)
    .innerJoin(orgs, eq(orgs.pk, devices.orgPk))
    .leftJoin(projects, eq(projects.pk, devices.projectPk))
    .where(and(eq(devices.pk, key.devicePk), eq(devices.orgPk, scope.orgPk), inProject, openProjects(scope)));
  return row;
}
