import { Duration } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  Capability,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
  type Secret as TaskSecret,
} from 'aws-cdk-lib/aws-ecs';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { accept } from '../accept-finding.ts';
import { removalPolicyOf } from '../removal-policy.ts';
import type { StageConfig } from '../stage-config.ts';
import { addCollector, SPANS_ENDPOINT } from './collector.ts';
import { metricsNamespace } from './metrics-namespace.ts';

/** The user of Furrow's images. */
const USER = '10001:10001';
/** Time that a process takes to finish what it has in hand, and what is left until the container is killed (Fargate: at most 120 s). */
export const DRAIN_SECONDS = 60;
export const STOP_SECONDS = DRAIN_SECONDS + 30;

export interface ProcessTaskOptions {
  readonly config: StageConfig;
  /** Name of the service: of its container, its log streams, and its metrics. */
  readonly service: string;
  readonly image: StageConfig['tools']['image'];
  readonly cpu: number;
  readonly memoryMib: number;
  /** Arguments of the image's program. */
  readonly command?: readonly string[];
  /** Where it listens, for health and metrics; a task without it runs once and ends. */
  readonly port?: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Variables whose values come from Secrets Manager: a whole secret, or one field of one that is JSON. */
  readonly secrets?: Readonly<Record<string, TaskSecret>>;
  readonly permissions: readonly PolicyStatement[];
  /** Where a collector puts its metrics; without it there is no collector. */
  readonly metricsLog?: LogGroup;
}

/**
 * One process of Furrow as a Fargate task on ARM: not root, nothing but its own permissions, a file system that nobody writes to, and time
 * to finish what it has in hand before it is killed.
 */
export class ProcessTask extends Construct {
  readonly definition: FargateTaskDefinition;
  readonly log: LogGroup;

  constructor(scope: Construct, id: string, options: ProcessTaskOptions) {
    super(scope, id);
    const { config, service, cpu, memoryMib, port, metricsLog, permissions } = options;
    this.log = new LogGroup(this, 'Log', {
      retention: config.observability.logRetentionDays,
      removalPolicy: removalPolicyOf(config),
    });
    this.definition = new FargateTaskDefinition(this, 'Task', {
      cpu,
      memoryLimitMiB: memoryMib,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    });
    const spans = metricsLog !== undefined && config.observability.traces;
    this.#addProcess(options, spans ? { FURROW_OTLP_ENDPOINT: SPANS_ENDPOINT } : {});
    for (const permission of permissions) this.definition.addToTaskRolePolicy(permission);
    if (metricsLog && port !== undefined) {
      addCollector(this.definition, {
        image: config.observability.collectorImage,
        service,
        port,
        namespace: metricsNamespace(config),
        metricsLog,
        traces: config.observability.traces,
        log: this.log,
      });
    }
    accept(
      this,
      'AwsSolutions-ECS2',
      'The variables say where things are; what is secret comes from Secrets Manager.',
    );
    accept(
      this,
      'AwsSolutions-IAM5[Resource::*]',
      "A login to ECR, finding a cell of Timestream and ending a query of one's own know no resources.",
    );
  }

  #addProcess(
    { image, service, port, ...options }: ProcessTaskOptions,
    extra: Readonly<Record<string, string>>,
  ): void {
    const linuxParameters = new LinuxParameters(this, 'Linux', { initProcessEnabled: true });
    linuxParameters.dropCapabilities(Capability.ALL);
    const repository = Repository.fromRepositoryName(this, 'Images', image.repository);
    this.definition.addContainer(service, {
      image: ContainerImage.fromEcrRepository(repository, image.tag),
      ...(options.command && { command: [...options.command] }),
      user: USER,
      readonlyRootFilesystem: true,
      linuxParameters,
      stopTimeout: Duration.seconds(STOP_SECONDS),
      logging: LogDriver.awsLogs({ logGroup: this.log, streamPrefix: service }),
      environment: {
        ...options.environment,
        ...extra,
        ...(port !== undefined && {
          FURROW_HTTP: `0.0.0.0:${port}`,
          FURROW_SHUTDOWN_SECONDS: String(DRAIN_SECONDS),
        }),
      },
      secrets: { ...options.secrets },
      ...(port !== undefined && {
        portMappings: [{ containerPort: port }],
        healthCheck: {
          command: ['CMD', 'node', '/furrow/healthcheck.mjs'],
          interval: Duration.seconds(15),
          timeout: Duration.seconds(5),
          retries: 3,
          startPeriod: Duration.seconds(30),
        },
      }),
    });
  }
}
