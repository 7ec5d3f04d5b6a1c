import { Duration } from 'aws-cdk-lib';
import {
  AdjustmentType,
  CfnScalingPolicy,
  MetricAggregationType,
  ScalableTarget,
  ServiceNamespace,
} from 'aws-cdk-lib/aws-applicationautoscaling';
import type { FargateService, ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StageConfig } from '../stage-config.ts';

export interface IngestScalingOptions {
  readonly settings: StageConfig['ingest'];
  readonly cluster: ICluster;
  readonly service: FargateService;
  readonly uplinks: Queue;
}

/** From this many times the limit of age on, tasks are doubled instead of added by halves. */
const FAR_BEHIND = 4;

/**
 * Two reasons to run more workers: messages waiting for each, which also takes workers away again; and the age of the oldest message, in
 * steps of at least two tasks, so that a service at its minimum gets away from it when few but heavy messages wait.
 */
export class IngestScaling extends Construct {
  constructor(scope: Construct, id: string, options: IngestScalingOptions) {
    super(scope, id);
    const { settings, cluster, service, uplinks } = options;
    const target = new ScalableTarget(this, 'Tasks', {
      serviceNamespace: ServiceNamespace.ECS,
      resourceId: `service/${cluster.clusterName}/${service.serviceName}`,
      scalableDimension: 'ecs:service:DesiredCount',
      minCapacity: settings.minTasks,
      maxCapacity: settings.maxTasks,
    });
    this.#followBacklog(target, options);
    target.scaleOnMetric('Age', {
      metric: uplinks.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1) }),
      scalingSteps: [
        { lower: settings.oldestMessageSeconds, change: 50 },
        { lower: settings.oldestMessageSeconds * FAR_BEHIND, change: 100 },
      ],
      adjustmentType: AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
      minAdjustmentMagnitude: 2,
      metricAggregationType: MetricAggregationType.MAXIMUM,
      evaluationPeriods: 2,
      cooldown: Duration.minutes(2),
    });
  }

  /** Not by `scaleToTrackCustomMetric`, which takes no expression. */
  #followBacklog(
    target: ScalableTarget,
    { settings, cluster, service, uplinks }: IngestScalingOptions,
  ): void {
    const metric = (id: string, stat: string, of: CfnScalingPolicy.TargetTrackingMetricProperty) => ({
      id,
      metricStat: { metric: of, stat },
      returnData: false,
    });
    new CfnScalingPolicy(this, 'Backlog', {
      policyName: 'backlog-per-task',
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.scalableTargetId,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: settings.backlogPerTask,
        scaleOutCooldown: 60,
        scaleInCooldown: 300,
        customizedMetricSpecification: {
          metrics: [
            metric('waiting', 'Average', {
              namespace: 'AWS/SQS',
              metricName: 'ApproximateNumberOfMessagesVisible',
              dimensions: [{ name: 'QueueName', value: uplinks.queueName }],
            }),
            metric('running', 'Average', {
              namespace: 'ECS/ContainerInsights',
              metricName: 'RunningTaskCount',
              dimensions: [
                { name: 'ClusterName', value: cluster.clusterName },
                { name: 'ServiceName', value: service.serviceName },
              ],
            }),
            {
              id: 'backlog',
              label: 'Messages waiting for each task',
              expression: `waiting / FILL(running, ${settings.minTasks})`,
              returnData: true,
            },
          ],
        },
      },
    });
  }
}
