import { existsSync, globSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError } from '@furrow/runtime';
import { parseStage, type StageConfig } from './stage-config.ts';

const FOLDER = resolve(import.meta.dirname, '../stages');

/** Names of the stages that have a file, in alphabetical order. */
export function stageNames(): string[] {
  return globSync('*.ts', { cwd: FOLDER })
    .map((file) => basename(file, '.ts'))
    .sort();
}

/** Reads `stages/<name>.ts`. Rejects with a ConfigError when there is none, or with all that is wrong in it. */
export async function loadStage(name: string): Promise<StageConfig> {
  const file = resolve(FOLDER, `${name}.ts`);
  if (!/^[a-z][a-z0-9-]*$/.test(name) || !existsSync(file)) {
    throw new ConfigError([
      `there is no stage ${JSON.stringify(name)}; there are ${stageNames().join(', ')}`,
    ]);
  }
  const { stage }: { readonly stage?: unknown } = await import(pathToFileURL(file).href);
  return parseStage(stage);
}
