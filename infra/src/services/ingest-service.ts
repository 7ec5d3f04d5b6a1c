import { type FargateService, Secret as TaskSecret } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { PORTS } from '../ports.ts';
import { IngestScaling } from './ingest-scaling.ts';
import { ingestEnvironment, ingestPermissions } from './ingest-surroundings.ts';
import { createService } from './process-service.ts';
import { ProcessTask } from './process-task.ts';
import type { ServiceSurroundings } from './service-surroundings.ts';

/** The worker as long-running tasks, as many as the queue asks for. */
export class IngestService extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, surroundings: ServiceSurroundings) {
    super(scope, id);
    const { config, cluster, network, queues, data, metricsLog } = surroundings;
    const { image, cpu, memoryMib, minTasks, spot } = config.ingest;
    const { token } = data.store;
    const task = new ProcessTask(this, 'Process', {
      config,
      service: 'ingest',
      image,
      cpu,
      memoryMib,
      port: PORTS.ingest,
      environment: ingestEnvironment(surroundings),
      ...(token && { secrets: { FURROW_STORE_TOKEN: TaskSecret.fromSecretsManager(token) } }),
      permissions: ingestPermissions(surroundings),
      ...(metricsLog && { metricsLog }),
    });
    this.service = createService(this, 'Service', {
      cluster,
      task,
      group: network.groups.ingest,
      desiredCount: minTasks,
      spot,
    });
    new IngestScaling(this, 'Scaling', {
      settings: config.ingest,
      cluster,
      service: this.service,
      uplinks: queues.uplinks.queue,
    });
  }
}
