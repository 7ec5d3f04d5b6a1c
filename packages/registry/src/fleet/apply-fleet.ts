import { sql } from 'drizzle-orm';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import { applyDevices } from './apply-devices.ts';
import { applyFactors } from './apply-factors.ts';
import { applyOrgs, applyProjects, placedDevices } from './apply-orgs.ts';
import { applyTokens } from './apply-tokens.ts';
import type { Fleet } from './fleet-schema.ts';
import type { SeedReport } from './seed-report.ts';

/** So many new rows change what the planner should believe about the tables. */
const ROWS_WORTH_ANALYZING = 1_000;

/**
 * Makes the registry hold what the fleet says, in one transaction: all of it or nothing. Nothing is ever deleted, and
 * applying the same fleet again changes nothing. Throws {@link RegistryConflictError} with what the fleet wants and cannot
 * have.
 */
export async function applyFleet(db: Database, fleet: Fleet, now: Date): Promise<SeedReport> {
  return await inRegistry(() =>
    db.transaction(async (tx) => {
      // Two that seed at once would both find a name free.
      await tx.execute(sql`select pg_advisory_xact_lock(hashtext('furrow.fleet'))`);
      const orgs = await applyOrgs(tx, fleet);
      const projects = await applyProjects(tx, fleet, orgs.pks);
      const devices = await applyDevices(tx, placedDevices(projects.placed), now);
      const factors = await applyFactors(tx, devices.stored);
      const tokens = await applyTokens(tx, projects.placed);
      // PGlite has nobody else who keeps the statistics.
      if (devices.counts.created + factors.created >= ROWS_WORTH_ANALYZING) {
        await tx.execute(sql`analyze devices, factors`);
      }
      return {
        orgs: orgs.counts,
        projects: projects.counts,
        devices: devices.counts,
        factors,
        tokens: tokens.counts,
        newTokens: tokens.newTokens,
      };
    }),
  );
}
