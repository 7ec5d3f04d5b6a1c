import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The file in the data folder that a shell can read to reach the queues of the running all-in-one process. */
export const ENV_FILE = 'env';

/** Writes the variables as shell exports, for their owner only. Resolves to what removes the file again. */
export async function writeEnvFile(
  folder: string,
  variables: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  const file = join(folder, ENV_FILE);
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
  await writeFile(file, lines.join(''), { mode: 0o600 });
  return () => rm(file, { force: true });
}
