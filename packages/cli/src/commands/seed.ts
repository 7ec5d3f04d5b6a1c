import { readFile } from 'node:fs/promises';
import { openRegistry, parseFleet, type SeedReport } from '@furrow/registry';
import { loadConfig } from '@furrow/runtime';
import { z } from 'zod';

const seedSchema = z.object({
  FURROW_REGISTRY: z.string().default('pglite:./data/registry'),
});

/** `furrow seed fleet.json`: loads a fleet into the registry, all of it or nothing; loading it again changes nothing. */
export async function seed(file: string): Promise<void> {
  const { FURROW_REGISTRY } = loadConfig(seedSchema, process.env);
  const fleet = parseFleet(await readJson(file));
  const registry = await openRegistry(FURROW_REGISTRY);
  try {
    for (const line of formatReport(await registry.applyFleet(fleet))) console.log(line);
  } finally {
    await registry.close();
  }
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/** A line for each kind of row, and each new token, which is shown this once. */
function formatReport({ newTokens, ...counts }: SeedReport): string[] {
  return [
    ...Object.entries(counts).map(
      ([kind, { created, updated, unchanged }]) =>
        `${kind}: ${created} created, ${updated} updated, ${unchanged} unchanged`,
    ),
    ...newTokens.map(({ orgId, name, text }) => `New token "${name}" of ${orgId}, shown this once: ${text}`),
  ];
}
