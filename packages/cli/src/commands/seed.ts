import { readFile } from 'node:fs/promises';
import { openRegistry, parseFleet } from '@furrow/registry';
import { loadConfig } from '@furrow/runtime';
import { z } from 'zod';

const seedSchema = z.object({
  FURROW_REGISTRY: z.string().default('pglite:./data/registry'),
});

/** `furrow seed fleet.json`: loads a fleet into the registry, all of it or nothing; loading it again changes nothing. */
export async function seed(file: string): Promise<void> {
  const { FURROW_REGISTRY } = loadConfig(seedSchema, process.env);
  const fleet = parseFleet(JSON.parse(await readFile(file, 'utf8')));
  const registry = await openRegistry(FURROW_REGISTRY);
  try {
    const report = await registry.applyFleet(fleet);
    console.log(report);
  } finally {
    await registry.close();
  }
}
