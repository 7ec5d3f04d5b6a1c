import { HANDLE_TIMEOUT_MS } from '@furrow/queue';
import { Duration } from 'aws-cdk-lib';
import {
  Architecture,
  CfnEventSourceMapping,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { accept } from '../accept-finding.ts';
import { acceptFunctionRoles } from '../functions/accept-function-roles.ts';
import { bundleFunction } from '../functions/bundle-function.ts';
import { removalPolicyOf } from '../removal-policy.ts';
import { ingestEnvironment, ingestFunctionPermissions } from './ingest-surroundings.ts';
import { metricsNamespace } from './metrics-namespace.ts';
import type { ServiceSurroundings } from './service-surroundings.ts';

/** Messages of one call: their points share writes to the store. */
const BATCH_MESSAGES = 100;
/** How long the event source gathers them, in seconds. */
const BATCH_WINDOW_SECONDS = 1;

/** The worker as a function on the queue: nothing runs, and nothing is paid, while nothing comes. */
export class IngestFunction extends Construct {
  readonly handler: LambdaFunction;

  constructor(scope: Construct, id: string, surroundings: ServiceSurroundings) {
    super(scope, id);
    const { config, network, queues } = surroundings;
    const log = new LogGroup(this, 'Log', {
      retention: config.observability.logRetentionDays,
      removalPolicy: removalPolicyOf(config),
    });
    this.handler = new LambdaFunction(this, 'Worker', {
      description: 'Furrow ingest: uplinks to points',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'services/ingest/index.handler',
      // The registry looks for its migrations two folders above its code.
      code: bundleFunction('services/ingest/src/lambda.ts', 'services/ingest', {
        migrations: 'packages/registry/migrations',
      }),
      memorySize: config.ingest.memoryMib,
      timeout: Duration.millis(HANDLE_TIMEOUT_MS),
      environment: { ...ingestEnvironment(surroundings), FURROW_METRICS_NAMESPACE: metricsNamespace(config) },
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: 'tasks' },
      securityGroups: [network.groups.ingest],
      logGroup: log,
    });
    for (const permission of ingestFunctionPermissions(surroundings))
      this.handler.addToRolePolicy(permission);
    const source = new CfnEventSourceMapping(this, 'Uplinks', {
      functionName: this.handler.functionArn,
      eventSourceArn: queues.uplinks.queue.queueArn,
      batchSize: BATCH_MESSAGES,
      maximumBatchingWindowInSeconds: BATCH_WINDOW_SECONDS,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: Math.max(2, config.ingest.maxTasks) },
    });
    // It is refused unless the role may take messages already.
    source.node.addDependency(this.handler);
    acceptFunctionRoles(this);
    accept(
      this,
      'AwsSolutions-IAM5[Resource::*]',
      "Finding a cell of Timestream and ending a query of one's own know no resources.",
    );
  }
}
