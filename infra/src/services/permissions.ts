import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** Takes messages off a queue, keeps them hidden, and deletes them. */
export function takesFrom(queue: IQueue, sid: string): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
    ],
    resources: [queue.queueArn],
  });
}

/** Puts messages on a queue, after a look whether it is there. */
export function putsOn(queue: IQueue, sid: string): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: ['sqs:GetQueueAttributes', 'sqs:SendMessage'],
    resources: [queue.queueArn],
  });
}
