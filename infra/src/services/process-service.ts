import { Duration } from 'aws-cdk-lib';
import type { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { type CapacityProviderStrategy, FargateService, type ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { ProcessTask } from './process-task.ts';

export interface ProcessServiceOptions {
  readonly cluster: ICluster;
  readonly task: ProcessTask;
  readonly group: SecurityGroup;
  readonly desiredCount: number;
  /** Run what is above `desiredCount` on Spot. */
  readonly spot?: boolean;
}

/** Keeps tasks running in the private subnets. A new version whose tasks do not come up is rolled back by itself. */
export function createService(scope: Construct, id: string, options: ProcessServiceOptions): FargateService {
  const { cluster, task, group, desiredCount, spot = false } = options;
  const onDemand: CapacityProviderStrategy = {
    capacityProvider: 'FARGATE',
    base: desiredCount,
    weight: spot ? 0 : 1,
  };
  return new FargateService(scope, id, {
    cluster,
    taskDefinition: task.definition,
    desiredCount,
    vpcSubnets: { subnetGroupName: 'tasks' },
    securityGroups: [group],
    assignPublicIp: false,
    circuitBreaker: { enable: true, rollback: true },
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    healthCheckGracePeriod: Duration.seconds(60),
    capacityProviderStrategies: spot
      ? [onDemand, { capacityProvider: 'FARGATE_SPOT', weight: 1 }]
      : [onDemand],
  });
}
