import { openRegistry } from '@furrow/registry';
import { loadConfig } from '@furrow/runtime';
import { z } from 'zod';

const migrateSchema = z.object({ FURROW_REGISTRY: z.string('a registry, such as postgres://host/database') });

/** `furrow migrate`: applies the registry's migrations and ends; applying them again changes nothing. */
export async function migrate(): Promise<void> {
  const { FURROW_REGISTRY } = loadConfig(migrateSchema, process.env);
  const registry = await openRegistry(FURROW_REGISTRY);
  console.log(`${registry.address} has the newest schema`);
  await registry.close();
}
