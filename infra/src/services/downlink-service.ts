import { type FargateService, Secret as TaskSecret } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { PORTS } from '../ports.ts';
import { BrokerAccess } from './broker-access.ts';
import { takesFrom } from './permissions.ts';
import { createService } from './process-service.ts';
import { ProcessTask } from './process-task.ts';
import type { ServiceSurroundings } from './service-surroundings.ts';

/** Takes commands off their queue and tells them to devices, through AWS IoT Core. */
export class DownlinkService extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, surroundings: ServiceSurroundings) {
    super(scope, id);
    const { config, cluster, network, queues, data, metricsLog } = surroundings;
    const { image, cpu, memoryMib, mqttUrl, certificateSecretArn, tasks } = config.downlink;
    const access = new BrokerAccess(this, 'Broker', config);
    const login = Secret.fromSecretCompleteArn(this, 'Certificate', certificateSecretArn);
    const task = new ProcessTask(this, 'Process', {
      config,
      service: 'downlink',
      image,
      cpu,
      memoryMib,
      port: PORTS.downlink,
      environment: {
        FURROW_REGISTRY: data.registry.url,
        FURROW_COMMAND_QUEUE_URL: queues.commands.queue.queueUrl,
        FURROW_MQTT_URL: mqttUrl,
        FURROW_MQTT_DOWN_TOPIC: access.topics.down,
        FURROW_MQTT_UP_TOPIC: access.topics.up,
      },
      // The authority that signed the broker's certificate is among those that Node knows.
      secrets: {
        FURROW_MQTT_CERT: TaskSecret.fromSecretsManager(login, 'certificate'),
        FURROW_MQTT_KEY: TaskSecret.fromSecretsManager(login, 'privateKey'),
      },
      permissions: [takesFrom(queues.commands.queue, 'Commands'), data.registry.permission()],
      ...(metricsLog && { metricsLog }),
    });
    this.service = createService(this, 'Service', {
      cluster,
      task,
      group: network.groups.downlink,
      desiredCount: tasks,
    });
    this.service.node.addDependency(access);
  }
}
