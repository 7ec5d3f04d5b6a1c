import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../src/create-app.ts';
import { loadStage } from '../src/load-stage.ts';
import { QueuesStack } from '../src/queues/queues-stack.ts';

/** The synthesized template of the queue stack that a stage deploys, under the names of development: without the stage's suffix. */
export async function queueTemplate(stage: string): Promise<unknown> {
  const config = { ...(await loadStage(stage)), nameSuffix: '' };
  const outdir = mkdtempSync(join(tmpdir(), 'furrow-queues-'));
  try {
    const app = createApp({ outdir });
    const stack = new QueuesStack(app, 'queues', config, {
      env: { account: config.account, region: config.region },
    });
    return app.synth().getStackArtifact(stack.artifactId).template;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
