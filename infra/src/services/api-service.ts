import { CfnOutput, Duration } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type FargateService, Secret as TaskSecret } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  type ApplicationTargetGroup,
  ListenerAction,
  ListenerCondition,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { createPrivateBucket } from '../data/private-bucket.ts';
import { PORTS } from '../ports.ts';
import { putsOn } from './permissions.ts';
import { createService } from './process-service.ts';
import { ProcessTask } from './process-task.ts';
import type { ServiceSurroundings } from './service-surroundings.ts';

/** What of the API is public. Health and metrics are answered at the same port, and are nobody's business outside. */
const PUBLIC_PATHS = ['/api/v2/*'];

/** Time that a task goes on answering after it was taken out of the load balancer. */
const DEREGISTRATION = Duration.seconds(30);

/** The Open API behind a load balancer with TLS. */
export class ApiService extends Construct {
  readonly service: FargateService;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targets: ApplicationTargetGroup;
  readonly log: LogGroup;

  constructor(scope: Construct, id: string, surroundings: ServiceSurroundings) {
    super(scope, id);
    const { config, cluster, network, queues, data, metricsLog } = surroundings;
    const { image, cpu, memoryMib, minTasks } = config.api;
    const { store, registry } = data;
    const task = new ProcessTask(this, 'Process', {
      config,
      service: 'api',
      image,
      cpu,
      memoryMib,
      port: PORTS.api,
      environment: {
        FURROW_STORE: store.url,
        FURROW_REGISTRY: registry.url,
        FURROW_UPLINK_QUEUE_URL: queues.uplinks.queue.queueUrl,
        // Without somebody who delivers them, the API refuses commands.
        ...(config.downlink.enabled && { FURROW_COMMAND_QUEUE_URL: queues.commands.queue.queueUrl }),
      },
      ...(store.token && { secrets: { FURROW_STORE_TOKEN: TaskSecret.fromSecretsManager(store.token) } }),
      permissions: [
        putsOn(queues.uplinks.queue, 'Uplinks'),
        ...(config.downlink.enabled ? [putsOn(queues.commands.queue, 'Commands')] : []),
        ...store.permissions(),
        registry.permission(),
      ],
      ...(metricsLog && { metricsLog }),
    });
    this.log = task.log;
    this.service = createService(this, 'Service', {
      cluster,
      task,
      group: network.groups.api,
      desiredCount: minTasks,
    });
    this.loadBalancer = this.#createLoadBalancer(surroundings);
    this.targets = this.#listen(surroundings);
    this.#scale(surroundings);
    new CfnOutput(this, 'ApiAddress', {
      value: this.loadBalancer.loadBalancerDnsName,
      description: 'What the DNS name of the certificate must point to',
    });
  }

  #createLoadBalancer({ config, network }: ServiceSurroundings): ApplicationLoadBalancer {
    const loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: network.vpc,
      internetFacing: true,
      vpcSubnets: { subnetGroupName: 'public' },
      securityGroup: network.groups.loadBalancer,
      dropInvalidHeaderFields: true,
      deletionProtection: config.protectData,
    });
    loadBalancer.logAccessLogs(createPrivateBucket(this, 'AccessLogs', config), 'api');
    return loadBalancer;
  }

  #listen({ config }: ServiceSurroundings): ApplicationTargetGroup {
    const listener = this.loadBalancer.addListener('Https', {
      port: PORTS.https,
      certificates: [Certificate.fromCertificateArn(this, 'Certificate', config.api.certificateArn)],
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      // The group has the one rule that is needed.
      open: false,
      defaultAction: ListenerAction.fixedResponse(404, {
        contentType: 'text/plain',
        messageBody: 'not found',
      }),
    });
    return listener.addTargets('Tasks', {
      priority: 1,
      conditions: [ListenerCondition.pathPatterns(PUBLIC_PATHS)],
      port: PORTS.api,
      protocol: ApplicationProtocol.HTTP,
      targets: [this.service],
      deregistrationDelay: DEREGISTRATION,
      healthCheck: {
        path: '/readyz',
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
  }

  #scale({ config }: ServiceSurroundings): void {
    const { minTasks, maxTasks, requestsPerTask } = config.api;
    const scaling = this.service.autoScaleTaskCount({ minCapacity: minTasks, maxCapacity: maxTasks });
    scaling.scaleOnRequestCount('Requests', {
      requestsPerTarget: requestsPerTask,
      targetGroup: this.targets,
      scaleOutCooldown: Duration.minutes(1),
      scaleInCooldown: Duration.minutes(5),
    });
  }
}
