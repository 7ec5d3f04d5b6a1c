import type { AgriId } from '@furrow/contracts';
import { and, eq, type SQL } from 'drizzle-orm';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import type { AccessScope, FactorOfDevice, RegisteredDevice, RegisteredProject } from '../records.ts';
import { devices, factors, orgs, projects } from '../schema/index.ts';
import { deviceColumns, factorColumns, factorOf } from './columns.ts';
import { isPk, openProjects } from './scope.ts';

/**
 * Single rows by the keys that the API's paths carry. What lies outside the scope is undefined, exactly like what does not
 * exist. All throw {@link RegistryUnavailable} when the registry does not answer.
 */
export class Lookups {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The project with that public name. */
  async findProject(scope: AccessScope, projectId: string): Promise<RegisteredProject | undefined> {
    const [row] = await inRegistry(async () =>
      this.#db
        .select({
          pk: projects.pk,
          orgPk: projects.orgPk,
          projectId: projects.projectId,
          name: projects.name,
        })
        .from(projects)
        .where(and(eq(projects.orgPk, scope.orgPk), eq(projects.projectId, projectId), openProjects(scope))),
    );
    return row;
  }

  /** The device with that primary key; with a `projectId`, only if it is in that project. */
  async findDevice(
    scope: AccessScope,
    key: { readonly devicePk: number; readonly projectId?: string },
  ): Promise<RegisteredDevice | undefined> {
    if (!isPk(key.devicePk)) return undefined;
    const [row] = await inRegistry(async () =>
      this.#db
        .select(deviceColumns)
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
        ),
    );
    return row;
  }

  /** The factor with these primary keys. */
  async findFactor(
    scope: AccessScope,
    key: { readonly devicePk: number; readonly factorPk: number },
  ): Promise<FactorOfDevice | undefined> {
    if (!isPk(key.devicePk) || !isPk(key.factorPk)) return undefined;
    return await this.#factor(scope, and(eq(factors.pk, key.factorPk), eq(factors.devicePk, key.devicePk)));
  }

  /** The factor with that label. */
  async findFactorByAgriId(scope: AccessScope, agriId: AgriId): Promise<FactorOfDevice | undefined> {
    return await this.#factor(scope, eq(factors.agriId, agriId));
  }

  async #factor(scope: AccessScope, where: SQL | undefined): Promise<FactorOfDevice | undefined> {
    const [row] = await inRegistry(async () =>
      this.#db
        .select({ factor: factorColumns, device: deviceColumns })
        .from(factors)
        .innerJoin(devices, eq(devices.pk, factors.devicePk))
        .innerJoin(orgs, eq(orgs.pk, devices.orgPk))
        .leftJoin(projects, eq(projects.pk, devices.projectPk))
        .where(and(where, eq(devices.orgPk, scope.orgPk), openProjects(scope))),
    );
    return row && { factor: factorOf(row.factor), device: row.device };
  }
}
