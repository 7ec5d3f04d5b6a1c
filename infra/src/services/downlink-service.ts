import { Stack } from 'aws-cdk-lib';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acceptWildcard } from '../accept-finding.ts';
import { PORTS } from '../ports.ts';
import { takesFrom } from './permissions.ts';
import { createService } from './process-service.ts';
import { ProcessTask } from './process-task.ts';
import type { ServiceSurroundings } from './service-surroundings.ts';

/** Begins the names under which the tasks connect to the broker. */
const CLIENT_PREFIX = 'furrow-downlink-';

/** Takes commands off their queue and publishes them to devices, through AWS IoT Core. */
export class DownlinkService extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, surroundings: ServiceSurroundings) {
    super(scope, id);
    const { config, cluster, network, queues, metricsLog } = surroundings;
    const { image, cpu, memoryMib, mqttUrl, topicPrefix, tasks } = config.downlink;
    const iot = (resource: string, name: string): string =>
      Stack.of(this).formatArn({ service: 'iot', resource, resourceName: name });
    const clients = iot('client', `${CLIENT_PREFIX}*`);
    const topics = iot('topic', `${topicPrefix}/*`);
    const task = new ProcessTask(this, 'Process', {
      config,
      service: 'downlink',
      image,
      cpu,
      memoryMib,
      port: PORTS.downlink,
      environment: {
        FURROW_COMMAND_QUEUE_URL: queues.commands.queue.queueUrl,
        FURROW_MQTT_URL: mqttUrl,
      },
      permissions: [
        takesFrom(queues.commands.queue, 'Commands'),
        new PolicyStatement({ sid: 'Connect', actions: ['iot:Connect'], resources: [clients] }),
        new PolicyStatement({ sid: 'Publish', actions: ['iot:Publish'], resources: [topics] }),
      ],
      ...(metricsLog && { metricsLog }),
    });
    const each = 'Each task and each device has a name of its own under the prefix.';
    for (const arn of [clients, topics]) acceptWildcard(task, arn, each);
    this.service = createService(this, 'Service', {
      cluster,
      task,
      group: network.groups.downlink,
      desiredCount: tasks,
    });
  }
}
