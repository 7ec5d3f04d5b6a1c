import { fileURLToPath } from 'node:url';
import type { ClientConfig } from 'pg';
import type { Engine, EngineOptions } from './engine.ts';
import { describeAddress, parseRegistryUrl, type RegistryAddress } from './registry-url.ts';

const DEFAULTS: EngineOptions = {
  migrationsFolder: fileURLToPath(new URL('../../migrations', import.meta.url)),
  maxConnections: 10,
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 30_000,
};

/** Opens the engine that the URL names, migrated; the other one's driver is not loaded. Throws a RegistryError. */
export async function openEngine(url: string, options: Partial<EngineOptions> = {}): Promise<Engine> {
  const settings = { ...DEFAULTS, ...options };
  const address = parseRegistryUrl(url);
  if (address.engine === 'pglite') {
    const { openPglite } = await import('./pglite-engine.ts');
    return await openPglite(address.directory, settings);
  }
  const { openPostgres } = await import('./postgres-engine.ts');
  return await openPostgres(await loginOf(address), describeAddress(address), settings);
}

/** How the driver reaches the server; AWS's signer is loaded only for URLs that ask for it. */
async function loginOf({
  connectionString,
  auth,
}: Extract<RegistryAddress, { engine: 'postgres' }>): Promise<ClientConfig> {
  if (auth === undefined) return { connectionString };
  const { iamLogin } = await import('./iam-login.ts');
  return iamLogin(new URL(connectionString));
}
