import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthQueues } from '../synth-queues.ts';

const outdir = mkdtempSync(join(tmpdir(), 'furrow-queues-'));

/** The template of the queue stack, as development has it. */
export const queueTemplate = await synthQueues('dev', outdir).finally(() => {
  rmSync(outdir, { recursive: true, force: true });
});
