import type { AgriId, Factor } from '@furrow/contracts';
import { and, asc, desc, eq, isNotNull, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import { anyOf, deviceColumns, factorArray, factorColumns, factorOf } from '../lookups/columns.ts';
import { devices, factors, orgs, projects } from '../schema/index.ts';
import type { LoadedDevice, LoadedFamily, PlanLoader } from './plan-loader.ts';

/** The device that was asked for; `devices` is then each member of its family, itself included. */
const root = alias(devices, 'root');

/** A member is of the root's organization and under its prefix; see `agriIdColumn` for why this range is the prefix. */
const memberOfRoot = and(
  eq(devices.orgPk, root.orgPk),
  sql`${devices.agriId} >= ${root.agriId} and ${devices.agriId} < ${root.agriId} || '.'`,
);

/**
 * Reads families from the database: two statements for any number of devices. The factors are read after the devices, so
 * what is loaded is never older than its fingerprint taken before; a change in between shows at the next comparison.
 */
export class DatabasePlanLoader implements PlanLoader {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async fingerprints(wanted: readonly AgriId[]): Promise<ReadonlyMap<AgriId, string>> {
    // The names of organization and project are in the plan without being columns of the device, so they are in the fingerprint.
    const member = sql`concat_ws(':', ${devices.pk}, ${devices.version}, ${orgs.slug}, ${projects.projectId}, ${projects.name})`;
    const rows = await inRegistry(async () =>
      this.#db
        .select({
          agriId: root.agriId,
          fingerprint: sql<string>`md5(string_agg(${member}, ',' order by ${devices.agriId}))`,
        })
        .from(root)
        .innerJoin(devices, memberOfRoot)
        .innerJoin(orgs, eq(orgs.pk, devices.orgPk))
        .leftJoin(projects, eq(projects.pk, devices.projectPk))
        .where(anyOf(root.agriId, wanted))
        .groupBy(root.agriId),
    );
    return new Map(rows.map(({ agriId, fingerprint }) => [agriId, fingerprint]));
  }

  async families(wanted: readonly AgriId[]): Promise<ReadonlyMap<AgriId, LoadedFamily>> {
    const members = await inRegistry(async () =>
      this.#db
        .select({ root: root.agriId, device: deviceColumns })
        .from(root)
        .innerJoin(devices, memberOfRoot)
        .innerJoin(orgs, eq(orgs.pk, devices.orgPk))
        .leftJoin(projects, eq(projects.pk, devices.projectPk))
        .where(anyOf(root.agriId, wanted))
        .orderBy(asc(root.agriId), desc(sql`length(${devices.agriId})`), asc(devices.agriId)),
    );
    const factorsOf = await this.#factorsOf([...new Set(members.map(({ device }) => device.pk))]);
    const subDevices = new Map<AgriId, LoadedDevice[]>();
    const families = new Map<AgriId, LoadedFamily>();
    for (const { root: rootId, device } of members) {
      const under = subDevices.get(rootId) ?? [];
      subDevices.set(rootId, under);
      const loaded = { device, factors: factorsOf.get(device.pk) ?? [] };
      if (device.agriId === rootId) families.set(rootId, { ...loaded, subDevices: under });
      else under.push(loaded);
    }
    return families;
  }

  async registeredAmong(candidates: readonly AgriId[]): Promise<ReadonlySet<AgriId>> {
    const rows = await inRegistry(async () =>
      this.#db
        .select({ agriId: devices.agriId })
        .from(devices)
        .where(and(anyOf(devices.agriId, candidates), isNotNull(devices.orgPk))),
    );
    return new Set(rows.map(({ agriId }) => agriId));
  }

  async #factorsOf(devicePks: readonly number[]): Promise<Map<number, Factor[]>> {
    const rows = await inRegistry(async () =>
      this.#db
        .select({ devicePk: factors.devicePk, list: factorArray(factorColumns) })
        .from(factors)
        .where(anyOf(factors.devicePk, devicePks))
        .groupBy(factors.devicePk),
    );
    return new Map(rows.map(({ devicePk, list }) => [devicePk, list.map(factorOf)]));
  }
}
