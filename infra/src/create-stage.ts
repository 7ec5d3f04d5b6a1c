import { type App, type StackProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DataStack } from './data/data-stack.ts';
import { NetworkStack } from './network/network-stack.ts';
import { ObservabilityStack } from './observability/observability-stack.ts';
import { QueuesStack } from './queues/queues-stack.ts';
import { ServicesStack } from './services/services-stack.ts';
import type { StageConfig } from './stage-config.ts';

/** The stacks of one stage, in the order in which they are deployed. */
export interface StageStacks {
  readonly network: NetworkStack;
  readonly queues: QueuesStack;
  readonly data: DataStack;
  readonly services: ServicesStack;
  readonly observability: ObservabilityStack;
}

/** Adds a stage to the app, under the rules of cdk-nag's AWS Solutions: a finding that nobody accepted with a reason ends the synthesis. */
export function createStage(app: App, config: StageConfig): StageStacks {
  const { stage, account, region } = config;
  const props: StackProps = { env: { account, region }, terminationProtection: config.protectData };
  const id = (concern: string): string => `furrow-${stage}-${concern}`;
  const network = new NetworkStack(app, id('network'), config, props);
  const queues = new QueuesStack(app, id('queues'), config, props);
  const data = new DataStack(app, id('data'), { ...props, config, network });
  const services = new ServicesStack(app, id('services'), { ...props, config, network, queues, data });
  const observability = new ObservabilityStack(app, id('observability'), {
    ...props,
    config,
    queues,
    services,
  });
  Tags.of(app).add('furrow:stage', stage);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { network, queues, data, services, observability };
}
