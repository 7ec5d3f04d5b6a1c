import { ArnFormat, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acceptWildcard } from '../accept-finding.ts';
import type { RegistryDatabase } from '../data/registry-database.ts';
import type { RunTaskProperties } from '../functions/run-task.ts';
import { SetupFunction } from '../functions/setup-function.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import type { StageConfig } from '../stage-config.ts';
import { ProcessTask } from './process-task.ts';

/** The longest that CloudFormation's function can wait for it. */
const TIMEOUT = Duration.minutes(14);

export interface MigrationOptions {
  readonly config: StageConfig;
  readonly cluster: ICluster;
  readonly network: NetworkStack;
  readonly registry: RegistryDatabase;
}

/**
 * Runs `furrow migrate` to its end whenever its image or settings change. Services depend on it, so they roll only once the registry has
 * their schema; when it fails, the deployment ends there and the old versions go on.
 */
export class Migration extends Construct {
  constructor(scope: Construct, id: string, { config, cluster, network, registry }: MigrationOptions) {
    super(scope, id);
    const { definition } = new ProcessTask(this, 'Process', {
      config,
      service: 'migrate',
      image: config.tools.image,
      cpu: 256,
      memoryMib: 512,
      command: ['migrate'],
      environment: { FURROW_REGISTRY: registry.url },
      permissions: [registry.permission()],
    });
    const tasksArn = Stack.of(this).formatArn({
      service: 'ecs',
      resource: 'task',
      resourceName: `${cluster.clusterName}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    const setup = new SetupFunction(this, 'Run', {
      config,
      description: 'Runs the migration of the registry and waits for its end',
      entry: 'run-task.ts',
      timeout: TIMEOUT,
      permissions: [
        new PolicyStatement({
          sid: 'StartMigration',
          actions: ['ecs:RunTask'],
          resources: [definition.taskDefinitionArn],
        }),
        new PolicyStatement({
          sid: 'WatchMigration',
          actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
          resources: [tasksArn],
          conditions: { ArnEquals: { 'ecs:cluster': cluster.clusterArn } },
        }),
        new PolicyStatement({
          sid: 'HandOverRoles',
          actions: ['iam:PassRole'],
          resources: [definition.taskRole.roleArn, definition.obtainExecutionRole().roleArn],
        }),
      ],
    });
    const properties: RunTaskProperties = {
      cluster: cluster.clusterArn,
      taskDefinition: definition.taskDefinitionArn,
      subnets: network.vpc.selectSubnets({ subnetGroupName: 'tasks' }).subnetIds,
      securityGroups: [network.groups.tools.securityGroupId],
    };
    new CustomResource(this, 'Done', {
      serviceToken: setup.serviceToken,
      resourceType: 'Custom::RegistryMigration',
      properties: { ...properties },
    });
    acceptWildcard(setup, tasksArn, 'A task has no name before it runs; only those of this cluster.');
  }
}
