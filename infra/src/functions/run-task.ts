import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeTasksCommand,
  ECSClient,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { z } from 'zod';

const propertiesSchema = z.object({
  cluster: z.string().min(1),
  taskDefinition: z.string().min(1),
  subnets: z.array(z.string()).min(1),
  securityGroups: z.array(z.string()).min(1),
});
export type RunTaskProperties = z.output<typeof propertiesSchema>;

const POLL_MS = 5_000;
/** Kept of the function's time for stopping a task that takes too long, and for saying so. */
const RESERVE_MS = 20_000;

/** The client, as far as it is used. */
export type TaskClient = Pick<ECSClient, 'send'>;

export interface RunTaskOptions {
  /** Time for the task, in milliseconds; it is stopped then. */
  readonly timeoutMs: number;
  readonly pollMs?: number;
}

/**
 * Runs a Fargate task once and resolves when its container has ended with code 0. Rejects with an Error that says why not: it did not
 * start, ended otherwise, or took too long.
 */
export async function runTask(
  client: TaskClient,
  properties: RunTaskProperties,
  { timeoutMs, pollMs = POLL_MS }: RunTaskOptions,
): Promise<void> {
  const { cluster } = properties;
  const deadline = Date.now() + timeoutMs;
  let task = await start(client, properties);
  const taskArn = task.taskArn ?? '';
  while (task.lastStatus !== 'STOPPED') {
    if (Date.now() >= deadline) {
      const reason = `not finished after ${Math.round(timeoutMs / 1000)} s`;
      await client.send(new StopTaskCommand({ cluster, task: taskArn, reason }));
      throw new Error(`${taskArn}: ${reason}`);
    }
    await sleep(pollMs);
    const { tasks } = await client.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
    // A task that was started a moment ago may not be found yet.
    task = tasks?.[0] ?? task;
  }
  const failed = (task.containers ?? []).filter(({ exitCode }) => exitCode !== 0);
  if (failed.length === 0 && (task.containers ?? []).length > 0) return;
  const ends = failed.map(
    ({ name, exitCode, reason }) => `${name} ended with ${exitCode ?? reason ?? 'no code'}`,
  );
  throw new Error(
    `${taskArn}: ${[task.stoppedReason, ...ends].filter(Boolean).join('; ')}; its log says more`,
  );
}

async function start(client: TaskClient, properties: RunTaskProperties): Promise<Task> {
  const { cluster, taskDefinition, subnets, securityGroups } = properties;
  const command = new RunTaskCommand({
    cluster,
    taskDefinition,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: 'DISABLED' } },
  });
  const { tasks = [], failures = [] } = await client.send(command);
  const [task] = tasks;
  if (task) return task;
  const reasons = failures.map(({ reason, detail }) => detail ?? reason).join('; ');
  throw new Error(`${taskDefinition} did not start: ${reasons || 'no reason was given'}`);
}

/** The function that CloudFormation calls: at each creation and each change; a deletion does nothing. */
export async function handler(
  event: CloudFormationCustomResourceEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<{ PhysicalResourceId: string }> {
  const properties = propertiesSchema.parse(event.ResourceProperties);
  if (event.RequestType !== 'Delete') {
    await runTask(new ECSClient(), properties, {
      timeoutMs: context.getRemainingTimeInMillis() - RESERVE_MS,
    });
  }
  return { PhysicalResourceId: 'migration' };
}
