import { Stack, type StackProps } from 'aws-cdk-lib';
import { Cluster, ContainerInsights, type FargateService, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { DataStack } from '../data/data-stack.ts';
import type { NetworkStack } from '../network/network-stack.ts';
import type { QueuesStack } from '../queues/queues-stack.ts';
import { removalPolicyOf } from '../removal-policy.ts';
import type { StageConfig } from '../stage-config.ts';
import { ApiService } from './api-service.ts';
import { DownlinkService } from './downlink-service.ts';
import { IngestFunction } from './ingest-function.ts';
import { IngestService } from './ingest-service.ts';
import { Migration } from './migration.ts';
import type { ServiceSurroundings } from './service-surroundings.ts';

export interface ServicesStackProps extends StackProps {
  readonly config: StageConfig;
  readonly network: NetworkStack;
  readonly queues: QueuesStack;
  readonly data: DataStack;
}

/** The processes, and the migration that goes before them. */
export class ServicesStack extends Stack {
  readonly api: ApiService;
  readonly ingest: IngestService | IngestFunction;
  readonly downlink: DownlinkService | undefined;

  constructor(scope: Construct, id: string, { config, network, queues, data, ...props }: ServicesStackProps) {
    super(scope, id, props);
    const cluster = new Cluster(this, 'Cluster', {
      vpc: network.vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
      enableFargateCapacityProviders: true,
    }) as ICluster;
    const metricsLog = config.observability.metrics
      ? new LogGroup(this, 'Metrics', {
          // CloudWatch has the numbers by then.
          retention: RetentionDays.ONE_WEEK,
          removalPolicy: removalPolicyOf(config),
        })
      : undefined;
    const surroundings: ServiceSurroundings = { config, cluster, network, queues, data, metricsLog };
    const migration = new Migration(this, 'Migration', { config, cluster, network, registry: data.registry });
    this.api = new ApiService(this, 'Api', surroundings);
    this.ingest =
      config.ingest.target === 'lambda'
        ? new IngestFunction(this, 'Ingest', surroundings)
        : new IngestService(this, 'Ingest', surroundings);
    this.downlink = config.downlink.enabled ? new DownlinkService(this, 'Downlink', surroundings) : undefined;
    for (const service of [this.api.service, this.ingest, this.downlink]) {
      service?.node.addDependency(migration);
    }
  }

  /** Every long-running service, for alarms and the dashboard. */
  get services(): readonly FargateService[] {
    const all = [this.api, this.ingest, this.downlink];
    return all.flatMap((one) => (one && 'service' in one ? [one.service] : []));
  }
}
