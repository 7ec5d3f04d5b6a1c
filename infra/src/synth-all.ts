import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { createApp } from './create-app.ts';
import { createStage } from './create-stage.ts';
import { loadStage, stageNames } from './load-stage.ts';
import type { StageConfig } from './stage-config.ts';

const FOLDER = resolve(import.meta.dirname, '../cdk.out');

/** A stage as it is, with the other store, and with the worker on Lambda: everything that the code can make. */
function variants(config: StageConfig): readonly (readonly [string, StageConfig])[] {
  const { stage, ingest } = config;
  return [
    [`${stage}-timestream`, { ...config, store: 'timestream' }],
    [`${stage}-influxdb`, { ...config, store: 'influxdb' }],
    [`${stage}-lambda`, { ...config, store: 'timestream', ingest: { ...ingest, target: 'lambda' } }],
  ];
}

/** `npm run synth`: writes the templates of every stage, with both stores and both kinds of worker, to `infra/cdk.out/<variant>`. */
try {
  for (const name of stageNames()) {
    for (const [variant, config] of variants(await loadStage(name))) {
      const outdir = resolve(FOLDER, variant);
      rmSync(outdir, { recursive: true, force: true });
      const app = createApp({ outdir });
      createStage(app, config);
      const { stacks } = app.synth();
      console.log(`${variant}: ${stacks.map(({ templateFile }) => templateFile).join(', ')}`);
      for (const { id, messages } of stacks) {
        for (const { level, entry } of messages)
          console.warn(`${level}: ${id}: ${JSON.stringify(entry.data)}`);
        if (messages.length > 0) process.exitCode = 1;
      }
    }
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
