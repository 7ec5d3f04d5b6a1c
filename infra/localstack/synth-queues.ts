import { BootstraplessSynthesizer, type IStackSynthesizer } from 'aws-cdk-lib';
import { createApp } from '../src/create-app.ts';
import { loadStage } from '../src/load-stage.ts';
import { QueuesStack } from '../src/queues/queues-stack.ts';

/** The name of the stack in CloudFormation, before the suffix. */
const QUEUES_STACK = 'furrow-queues';

/**
 * Synthesizes the queue stack that a stage deploys, for a server on this machine: of no account and region, so that a name in it is one of the
 * server's own, and without CDK's bootstrap stack, which such a server has not. Names end in `nameSuffix`, not in the stage's. Writes
 * what CDK's command line deploys to the folder `outdir`; resolves to the template.
 */
export async function synthQueues(stage: string, outdir: string, nameSuffix = ''): Promise<unknown> {
  const config = { ...(await loadStage(stage)), nameSuffix };
  const app = createApp({ outdir });
  const stack = new QueuesStack(app, 'queues', config, {
    stackName: QUEUES_STACK + nameSuffix,
    // CDK's own types disagree where an optional property may be undefined.
    synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
  });
  return app.synth().getStackArtifact(stack.artifactId).template;
}
