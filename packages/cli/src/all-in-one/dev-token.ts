import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newTokenText } from '@furrow/registry';

/** The file in the data folder that holds the token of the all-in-one process; readable by its owner only. */
export const TOKEN_FILE = 'token';

/** The token of this data folder: the one that is there, or a new one. */
export async function devToken(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, TOKEN_FILE);
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  const token = newTokenText();
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}
