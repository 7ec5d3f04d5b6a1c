import type { Database } from '../engine/engine.ts';
import { anyOf } from '../lookups/columns.ts';
import { orgs, projects } from '../schema/index.ts';
import type { Fleet, FleetDevice, FleetOrg } from './fleet-schema.ts';
import { noCounts, type SeedCounts } from './seed-report.ts';
import { insertRows, updateRows } from './write-rows.ts';

/**
 * An organization of the file with its primary key, and those of its projects by public name: also of projects not in the
 * file.
 */
export interface PlacedOrg {
  readonly org: FleetOrg;
  readonly pk: number;
  readonly projects: ReadonlyMap<string, number>;
}

/** A device of the file and where it belongs. */
export interface PlacedDevice {
  readonly device: FleetDevice;
  readonly orgPk: number;
  readonly projectPk: number;
}

/** Creates and updates the organizations. */
export async function applyOrgs(
  db: Database,
  fleet: Fleet,
): Promise<{ counts: SeedCounts; pks: Map<string, number> }> {
  const slugs = fleet.orgs.map(({ slug }) => slug);
  const existing = new Map(
    (await db.select().from(orgs).where(anyOf(orgs.slug, slugs))).map((row) => [row.slug, row]),
  );
  const counts = noCounts();
  const created: (typeof orgs.$inferInsert)[] = [];
  const updated: { pk: number; name: string; isActive: boolean }[] = [];
  for (const { slug, name, is_active } of fleet.orgs) {
    const row = existing.get(slug);
    if (row === undefined) {
      counts.created++;
      created.push({ slug, name: name ?? slug, isActive: is_active ?? true });
    } else if ((name ?? row.name) !== row.name || (is_active ?? row.isActive) !== row.isActive) {
      counts.updated++;
      updated.push({ pk: row.pk, name: name ?? row.name, isActive: is_active ?? row.isActive });
    } else {
      counts.unchanged++;
    }
  }
  await insertRows(db, orgs, created);
  await updateRows(db, orgs, updated);
  const rows = await db.select({ slug: orgs.slug, pk: orgs.pk }).from(orgs).where(anyOf(orgs.slug, slugs));
  return { counts, pks: new Map(rows.map(({ slug, pk }) => [slug, pk])) };
}

/** Creates and updates the projects of organizations that are there. */
export async function applyProjects(
  db: Database,
  fleet: Fleet,
  orgPks: ReadonlyMap<string, number>,
): Promise<{ counts: SeedCounts; placed: PlacedOrg[] }> {
  const existing = await projectsOf(db, [...orgPks.values()]);
  const counts = noCounts();
  const created: (typeof projects.$inferInsert)[] = [];
  const updated: { pk: number; name: string }[] = [];
  for (const { slug, projects: wanted } of fleet.orgs) {
    const orgPk = pkOf(orgPks, slug);
    for (const { project_id, name } of wanted) {
      const row = existing.get(orgPk)?.get(project_id);
      if (row === undefined) {
        counts.created++;
        created.push({ orgPk, projectId: project_id, name: name ?? project_id });
      } else if ((name ?? row.name) !== row.name) {
        counts.updated++;
        updated.push({ pk: row.pk, name: name ?? row.name });
      } else {
        counts.unchanged++;
      }
    }
  }
  await insertRows(db, projects, created);
  await updateRows(db, projects, updated);
  const all = await projectsOf(db, [...orgPks.values()]);
  const placed = fleet.orgs.map((org): PlacedOrg => {
    const pk = pkOf(orgPks, org.slug);
    const pks = [...(all.get(pk)?.values() ?? [])].map((row): [string, number] => [row.projectId, row.pk]);
    return { org, pk, projects: new Map(pks) };
  });
  return { counts, placed };
}

/** Every device of the file with the keys of its organization and project, in the order of the file. */
export function placedDevices(placed: readonly PlacedOrg[]): PlacedDevice[] {
  return placed.flatMap(({ org, pk, projects: pks }) =>
    org.projects.flatMap(({ project_id, devices }) =>
      devices.map((device) => ({ device, orgPk: pk, projectPk: pkOf(pks, project_id) })),
    ),
  );
}

type ProjectRow = typeof projects.$inferSelect;

async function projectsOf(
  db: Database,
  orgPks: readonly number[],
): Promise<Map<number, Map<string, ProjectRow>>> {
  const rows = await db.select().from(projects).where(anyOf(projects.orgPk, orgPks));
  const byOrg = new Map<number, Map<string, ProjectRow>>();
  for (const row of rows) {
    const ofOrg = byOrg.get(row.orgPk) ?? new Map<string, ProjectRow>();
    byOrg.set(row.orgPk, ofOrg.set(row.projectId, row));
  }
  return byOrg;
}

/** The key of a row that this transaction has just read or written. */
function pkOf(pks: ReadonlyMap<string, number>, name: string): number {
  const pk = pks.get(name);
  if (pk === undefined) throw new Error(`${name} vanished inside its own transaction`);
  return pk;
}
