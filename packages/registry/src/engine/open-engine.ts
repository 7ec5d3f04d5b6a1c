import { fileURLToPath } from 'node:url';
import type { Engine, EngineOptions } from './engine.ts';
import { describeAddress, parseRegistryUrl } from './registry-url.ts';

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
  return await openPostgres(address.connectionString, describeAddress(address), settings);
}
