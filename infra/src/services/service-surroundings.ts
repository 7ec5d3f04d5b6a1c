import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { DataStack } from '../data/data-stack.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import type { QueuesStack } from '../queues/queues-stack.ts';
import type { StageConfig } from '../stage-config.ts';

/** What a service is put into. */
export interface ServiceSurroundings {
  readonly config: StageConfig;
  readonly cluster: ICluster;
  readonly network: NetworkStack;
  readonly queues: QueuesStack;
  readonly data: DataStack;
  /** Where collectors put metrics; undefined when the stage wants none. */
  readonly metricsLog: LogGroup | undefined;
}
