import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { createApp } from '../src/create-app.ts';
import type { StageStacks } from '../src/create-stage.ts';
import { createStage } from '../src/create-stage.ts';
import { parseStage, type StageConfig } from '../src/stage-config.ts';

/** What a test sees of a stage: one template for each concern, and what the synthesis had to say. */
export interface SynthesizedStage {
  readonly config: StageConfig;
  readonly templates: Readonly<Record<keyof StageStacks, Template>>;
  /** Warnings and errors, among them those of cdk-nag that nobody accepted. */
  readonly messages: readonly string[];
  /** The folder of the templates and of the functions' code. */
  readonly outdir: string;
  remove(): void;
}

/** Synthesizes a stage into a temporary folder. Throws when cdk-nag has a finding. */
export function synthStage(input: unknown): SynthesizedStage {
  const config = parseStage(input);
  const outdir = mkdtempSync(join(tmpdir(), 'furrow-synth-'));
  const app = createApp({ outdir });
  const stacks = createStage(app, config);
  const messages = app
    .synth()
    .stacks.flatMap((stack) => stack.messages.map(({ id, entry }) => `${id}: ${entry.data}`));
  const templateOf = (name: keyof StageStacks) => Template.fromStack(stacks[name]);
  return {
    config,
    messages,
    outdir,
    templates: {
      network: templateOf('network'),
      queues: templateOf('queues'),
      data: templateOf('data'),
      services: templateOf('services'),
      observability: templateOf('observability'),
    },
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  };
}
