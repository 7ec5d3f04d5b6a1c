import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { putsOn, takesFrom } from './permissions.ts';
import type { ServiceSurroundings } from './service-surroundings.ts';

/** The variables of the worker, on Fargate and on Lambda. */
export function ingestEnvironment({ queues, data }: ServiceSurroundings): Readonly<Record<string, string>> {
  return {
    FURROW_STORE: data.store.url,
    FURROW_REGISTRY: data.registry.url,
    FURROW_UPLINK_QUEUE_URL: queues.uplinks.queue.queueUrl,
    FURROW_QUARANTINE_QUEUE_URL: queues.quarantine.queueUrl,
  };
}

/** What the worker's role must be allowed, on Fargate. */
export function ingestPermissions(surroundings: ServiceSurroundings): PolicyStatement[] {
  const { uplinks, quarantine } = surroundings.queues;
  return [
    takesFrom(uplinks.queue, 'Uplinks'),
    putsOn(quarantine, 'Quarantine'),
    ...dataPermissions(surroundings),
  ];
}

/** The same on Lambda, where the event source takes the messages and deletes them. */
export function ingestFunctionPermissions(surroundings: ServiceSurroundings): PolicyStatement[] {
  const { uplinks, quarantine } = surroundings.queues;
  return [
    new PolicyStatement({
      sid: 'EventSource',
      actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      resources: [uplinks.queue.queueArn],
    }),
    new PolicyStatement({
      sid: 'Quarantine',
      actions: ['sqs:SendMessage'],
      resources: [quarantine.queueArn],
    }),
    ...dataPermissions(surroundings),
  ];
}

function dataPermissions({ data }: ServiceSurroundings): PolicyStatement[] {
  return [...data.store.permissions(), data.registry.permission()];
}
