import type { AgriId } from '@furrow/contracts';
import { sql } from 'drizzle-orm';
import { Commands } from './commands/commands.ts';
import { ContactLog, type ContactLogOptions } from './devices/contact-log.ts';
import { Devices } from './devices/devices.ts';
import { inRegistry } from './engine/database-error.ts';
import type { Engine, EngineOptions } from './engine/engine.ts';
import { openEngine } from './engine/open-engine.ts';
import { Factors } from './factors/factors.ts';
import { applyFleet } from './fleet/apply-fleet.ts';
import type { Fleet } from './fleet/fleet-schema.ts';
import type { SeedReport } from './fleet/seed-report.ts';
import { Lookups } from './lookups/lookups.ts';
import { Modules } from './modules/modules.ts';
import { AccessTokens } from './operator/access-tokens.ts';
import { DeviceStock } from './operator/device-stock.ts';
import { Orgs } from './operator/orgs.ts';
import { Projects } from './operator/projects.ts';
import { DatabasePlanLoader } from './plans/database-plan-loader.ts';
import { PlanCache } from './plans/plan-cache.ts';
import type { PlanCacheOptions } from './plans/plan-cache-options.ts';
import type {
  AccessScope,
  FactorOfDevice,
  RegisteredDevice,
  RegisteredProject,
  TokenVerdict,
} from './records.ts';
import { TokenVerifier, type TokenVerifierOptions } from './tokens/token-verifier.ts';

export interface RegistryOptions extends Partial<EngineOptions> {
  readonly plans?: Partial<PlanCacheOptions>;
  readonly tokens?: Partial<TokenVerifierOptions>;
  readonly contacts?: Partial<ContactLogOptions>;
}

/**
 * The relational side: organizations, projects, devices, factors, tokens. Every method throws a {@link RegistryError};
 * `retryable` says whether trying again may help.
 */
export interface Registry {
  /** Where it is, without the password. */
  readonly address: string;
  /** Returns when the database answers a query. */
  probe(): Promise<void>;
  /** Waits for what is under way and releases everything. Idempotent. */
  close(): Promise<void>;
  readonly plans: PlanCache;
  readonly devices: Devices;
  readonly factors: Factors;
  readonly modules: Modules;
  readonly commands: Commands;
  /** When devices were last heard of. */
  readonly contacts: ContactLog;
  /** What operators work with, across all organizations; nothing that answers a token's holder uses it. */
  readonly operator: {
    readonly orgs: Orgs;
    readonly projects: Projects;
    readonly tokens: AccessTokens;
    readonly devices: DeviceStock;
  };
  /** Judges a bearer token; the answer may be a few seconds old. */
  verifyToken(text: string): Promise<TokenVerdict>;
  /** The project with that public name; undefined when there is none in the scope. */
  findProject(scope: AccessScope, projectId: string): Promise<RegisteredProject | undefined>;
  /** The device with that primary key, in that project when one is named; undefined when there is none in the scope. */
  findDevice(
    scope: AccessScope,
    key: { readonly devicePk: number; readonly projectId?: string },
  ): Promise<RegisteredDevice | undefined>;
  /** The factor of that device; undefined when there is none in the scope. */
  findFactor(
    scope: AccessScope,
    key: { readonly devicePk: number; readonly factorPk: number },
  ): Promise<FactorOfDevice | undefined>;
  /** The factor with that label; undefined when there is none in the scope. */
  findFactorByAgriId(scope: AccessScope, agriId: AgriId): Promise<FactorOfDevice | undefined>;
  /**
   * Makes the registry hold what the fleet says: all of it or nothing, and nothing more the second time. Deletes nothing.
   */
  applyFleet(fleet: Fleet): Promise<SeedReport>;
}

/**
 * Opens the registry and applies the migrations. `url` is `pglite:<directory>`, `pglite::memory:` or `postgres://…`.
 *
 * Throws a {@link RegistryError}: a wrong URL, a directory that another process has open, a database that refuses (not
 * retryable), or one that does not answer (retryable).
 */
export async function openRegistry(url: string, options: RegistryOptions = {}): Promise<Registry> {
  return registryOn(await openEngine(url, options), options);
}

/** The registry on an engine that is open; closing it closes the engine. */
export function registryOn(engine: Engine, { plans, tokens, contacts }: RegistryOptions): Registry {
  const { db, address } = engine;
  const planCache = new PlanCache(new DatabasePlanLoader(db), plans);
  const changed = (device: AgriId) => planCache.expire(device);
  const contactLog = new ContactLog(db, contacts);
  const verifier = new TokenVerifier(db, tokens);
  const lookups = new Lookups(db);
  return {
    address,
    probe: async () => {
      await inRegistry(async () => db.execute(sql`select 1`));
    },
    close: async () => {
      await contactLog.flush();
      await engine.close();
    },
    devices: new Devices(db, changed),
    factors: new Factors(db, changed),
    modules: new Modules(db),
    commands: new Commands(db),
    contacts: contactLog,
    operator: {
      orgs: new Orgs(db, () => verifier.forget()),
      projects: new Projects(db),
      tokens: new AccessTokens(db, () => verifier.forget()),
      devices: new DeviceStock(db, changed),
    },
    plans: planCache,
    verifyToken: (text) => verifier.verify(text),
    findProject: (scope, projectId) => lookups.findProject(scope, projectId),
    findDevice: (scope, key) => lookups.findDevice(scope, key),
    findFactor: (scope, key) => lookups.findFactor(scope, key),
    findFactorByAgriId: (scope, agriId) => lookups.findFactorByAgriId(scope, agriId),
    applyFleet: async (fleet) => {
      const report = await applyFleet(db, fleet, new Date());
      verifier.forget();
      return report;
    },
  };
}
