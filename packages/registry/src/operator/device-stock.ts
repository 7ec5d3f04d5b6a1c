import type { AgriId } from '@furrow/contracts';
import { and, asc, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import { searchFilter } from '../devices/device-query.ts';
import type { NewDevice } from '../devices/devices.ts';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import { deviceColumns } from '../lookups/columns.ts';
import type { RegisteredDevice } from '../records.ts';
import { devices, factors, orgs, projects } from '../schema/index.ts';
import { counted, type Listed, offsetOf, type PageOf } from './page.ts';
import type { ProjectName } from './projects.ts';
import { findProjectKeys, type RegisterOutcome, registerDevices } from './register-devices.ts';

/** A device of anybody's, or of nobody's: organization and project are null while it is bound to none. */
export interface StockDevice extends Omit<RegisteredDevice, 'orgId' | 'orgPk'> {
  readonly orgId: string | null;
  readonly orgPk: number | null;
}

/** Everything about one device. */
export interface StockDetails extends StockDevice {
  /** The code on the label; null when it has none. For people who hold the device only. */
  readonly safeCode: string | null;
  readonly factors: number;
}

export interface StockQuery extends PageOf {
  readonly orgId?: string | undefined;
  readonly projectId?: string | undefined;
  /** Text in `device_id`, `device_name` or `info`, in any letter case. */
  readonly search?: string | undefined;
  /** Only devices that are in no project. */
  readonly unbound?: boolean | undefined;
}

export type PlaceOutcome = 'placed' | 'unchanged' | 'no_device' | 'no_project' | 'other_org';

/** Every device there is, for operators: no scope limits what is seen or changed. All methods throw a {@link RegistryError}. */
export class DeviceStock {
  readonly #db: Database;
  readonly #changed: (device: AgriId) => void;

  /** `changed` is told which device was just changed. */
  constructor(db: Database, changed: (device: AgriId) => void) {
    this.#db = db;
    this.#changed = changed;
  }

  /**
   * Registers devices, bound to nobody or in `project`: all of them or none. Those whose `device_id` is registered already refuse the
   * whole call, or with `skipKnown` stay as they are. Each `device_id` is given once.
   */
  async register(
    wanted: readonly NewDevice[],
    {
      project,
      skipKnown = false,
    }: { readonly project?: ProjectName | undefined; readonly skipKnown?: boolean } = {},
  ): Promise<RegisterOutcome> {
    return await inRegistry(() =>
      this.#db.transaction((tx) => registerDevices(tx, wanted, { project, skipKnown }, new Date())),
    );
  }

  /** In the order of their keys. */
  async list(query: StockQuery): Promise<Listed<StockDevice>> {
    const where = stockFilter(query);
    return await inRegistry(async () => {
      const [total] = await this.#db
        .select({ count: counted })
        .from(devices)
        .leftJoin(orgs, eq(orgs.pk, devices.orgPk))
        .leftJoin(projects, eq(projects.pk, devices.projectPk))
        .where(where);
      const rows = await this.#db
        .select(deviceColumns)
        .from(devices)
        .leftJoin(orgs, eq(orgs.pk, devices.orgPk))
        .leftJoin(projects, eq(projects.pk, devices.projectPk))
        .where(where)
        .orderBy(asc(devices.pk))
        .limit(query.pageSize)
        .offset(offsetOf(query));
      return { count: total?.count ?? 0, rows };
    });
  }

  /** The device with that `device_id` or agri_id; two when one has it as its `device_id` and another as its agri_id. */
  async find(name: string): Promise<readonly StockDetails[]> {
    return await inRegistry(async () =>
      this.#db
        .select({
          ...deviceColumns,
          safeCode: devices.safeCode,
          factors: sql<number>`(select count(*)::integer from ${factors} where ${factors.devicePk} = ${devices.pk})`,
        })
        .from(devices)
        .leftJoin(orgs, eq(orgs.pk, devices.orgPk))
        .leftJoin(projects, eq(projects.pk, devices.projectPk))
        .where(or(eq(devices.deviceId, name), sql`${devices.agriId} = ${name}`))
        .orderBy(asc(devices.pk)),
    );
  }

  /**
   * Puts a device into a project: one that is bound to nobody, or one of the same organization. `other_org` is a device of another
   * organization, whose readings it has sent.
   */
  async place(devicePk: number, project: ProjectName): Promise<PlaceOutcome> {
    const agriId: AgriId[] = [];
    const outcome = await inRegistry(() =>
      this.#db.transaction(async (tx): Promise<PlaceOutcome> => {
        const [device] = await tx.select().from(devices).where(eq(devices.pk, devicePk)).for('update');
        if (device === undefined) return 'no_device';
        const target = await findProjectKeys(tx, project);
        if (target === undefined) return 'no_project';
        if (device.orgPk !== null && device.orgPk !== target.orgPk) return 'other_org';
        if (device.projectPk === target.projectPk) return 'unchanged';
        const bindTime = device.projectPk === null ? new Date() : device.bindTime;
        await tx
          .update(devices)
          .set({ ...target, bindTime })
          .where(eq(devices.pk, devicePk));
        agriId.push(device.agriId);
        return 'placed';
      }),
    );
    agriId.forEach(this.#changed);
    return outcome;
  }

  /** Lets a device relay data or not. */
  async setAllow(devicePk: number, allow: boolean): Promise<void> {
    await this.#set(devicePk, { allow });
  }

  /** Takes a device out of its project; it stays with its organization, whose readings it has. */
  async unbind(devicePk: number): Promise<void> {
    await this.#set(devicePk, { projectPk: null, bindTime: null });
  }

  async #set(devicePk: number, set: Partial<typeof devices.$inferInsert>): Promise<void> {
    const rows = await inRegistry(async () =>
      this.#db.update(devices).set(set).where(eq(devices.pk, devicePk)).returning({ agriId: devices.agriId }),
    );
    for (const { agriId } of rows) this.#changed(agriId);
  }
}

function stockFilter({ orgId, projectId, search, unbound }: StockQuery): SQL | undefined {
  return and(
    orgId === undefined ? undefined : eq(orgs.slug, orgId),
    projectId === undefined ? undefined : eq(projects.projectId, projectId),
    search === undefined || search === '' ? undefined : searchFilter(search),
    unbound ? isNull(devices.projectPk) : undefined,
  );
}
