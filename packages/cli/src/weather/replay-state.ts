import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const replayStateSchema = z.object({
  /** The time given to the newest hour, milliseconds since 1970 UTC. */
  newestT: z.int(),
  /** Hours that the API has accepted. */
  acceptedHours: z.int().min(0),
});

/** How far a replay has come; kept beside the data so that a killed replay goes on with the same times. */
export type ReplayState = z.output<typeof replayStateSchema>;

const FILE = 'replay.json';

/** The state of an earlier replay into this folder; undefined when there was none. */
export async function readReplayState(folder: string): Promise<ReplayState | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, FILE), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return replayStateSchema.parse(JSON.parse(text));
}

/** Writes the state whole or not at all. */
export async function writeReplayState(folder: string, state: ReplayState): Promise<void> {
  const file = join(folder, FILE);
  await writeFile(`${file}.new`, JSON.stringify(state));
  await rename(`${file}.new`, file);
}
