import {
  DescribeTasksCommand,
  type DescribeTasksCommandOutput,
  RunTaskCommand,
  type RunTaskCommandOutput,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { runTask, type TaskClient } from '../../src/functions/run-task.ts';

const PROPERTIES = { cluster: 'c', taskDefinition: 'migrate:7', subnets: ['s'], securityGroups: ['g'] };
const taskArn = 'arn:aws:ecs:task/c/1';

/** A cluster that starts a task as `started` says and then tells each of `states`, the last one for ever. */
function cluster(started: Partial<RunTaskCommandOutput>, states: readonly Task[] = []) {
  const sent: unknown[] = [];
  let next = 0;
  const send = async (command: unknown): Promise<unknown> => {
    sent.push(command);
    if (command instanceof RunTaskCommand) return started;
    if (command instanceof StopTaskCommand) return {};
    if (!(command instanceof DescribeTasksCommand)) throw new Error('an unknown command');
    const state = states[Math.min(next, states.length - 1)];
    next += 1;
    return { tasks: state ? [state] : [] } as Partial<DescribeTasksCommandOutput>;
  };
  return { sent, client: { send } as TaskClient };
}

const ended = (exitCode: number | undefined, rest: Partial<Task> = {}): Task => ({
  taskArn,
  lastStatus: 'STOPPED',
  containers: [{ name: 'migrate', ...(exitCode !== undefined && { exitCode }) }],
  ...rest,
});
const STARTED = { tasks: [{ taskArn, lastStatus: 'PROVISIONING' }] };
const LIMITS = { timeoutMs: 10_000, pollMs: 1 };

describe('runTask', () => {
  it('waits until the task has ended well', async () => {
    const { client, sent } = cluster(STARTED, [{ taskArn, lastStatus: 'RUNNING' }, ended(0)]);
    await runTask(client, PROPERTIES, LIMITS);
    expect(sent).toHaveLength(3);
    expect((sent[0] as RunTaskCommand).input).toMatchObject({
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { assignPublicIp: 'DISABLED' } },
    });
  });

  it.each<[string, Task, RegExp]>([
    ['the program failed', ended(1), /migrate ended with 1/],
    [
      'the image is not there',
      ended(undefined, { stoppedReason: 'CannotPullContainerError' }),
      /CannotPullContainerError; migrate ended with no code/,
    ],
    ['no container ran', { taskArn, lastStatus: 'STOPPED', stoppedReason: 'no capacity' }, /no capacity/],
  ])('rejects when %s', async (_what, state, message) => {
    await expect(runTask(cluster(STARTED, [state]).client, PROPERTIES, LIMITS)).rejects.toThrow(message);
  });

  it('rejects with the reason when the task does not start', async () => {
    const { client } = cluster({ tasks: [], failures: [{ reason: 'RESOURCE:ENI' }] });
    await expect(runTask(client, PROPERTIES, LIMITS)).rejects.toThrow(
      'migrate:7 did not start: RESOURCE:ENI',
    );
  });

  it('stops a task that takes too long', async () => {
    const { client, sent } = cluster(STARTED, [{ taskArn, lastStatus: 'RUNNING' }]);
    await expect(runTask(client, PROPERTIES, { timeoutMs: 20, pollMs: 5 })).rejects.toThrow(
      'not finished after 0 s',
    );
    expect(sent.at(-1)).toBeInstanceOf(StopTaskCommand);
  });
});
