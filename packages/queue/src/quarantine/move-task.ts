import { setTimeout as sleep } from 'node:timers/promises';
import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { readAwsFailure } from '../aws-failure.ts';
import { checkedCall } from '../checked-call.ts';

export interface MoveTaskOptions {
  readonly client: SQSClient;
  /** ARN of the dead-letter queue. */
  readonly sourceArn: string;
  /** ARN of the uplink queue. */
  readonly destinationArn: string;
  /** At most 500, the limit of SQS. */
  readonly ratePerSecond: number;
  /** Cancels the task; what has been moved stays moved. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly moved: number; readonly total: number }) => void;
  /** Time between two looks at the task; 1 s by default. */
  readonly pollMs?: number;
}

/** How a move ended; `unsupported` when the server knows no such tasks, with what it said: then receive, send and delete. */
export type MoveTaskEnd =
  | { readonly kind: 'moved'; readonly moved: number }
  | { readonly kind: 'cancelled'; readonly moved: number }
  | { readonly kind: 'failed'; readonly moved: number; readonly reason: string }
  | { readonly kind: 'unsupported'; readonly reason: string };

/** Most messages a second that SQS lets a task move. */
export const MAX_MOVE_RATE = 500;

/** What servers answer that have no such action: SQS itself where it cannot, SQS-like servers everywhere. */
const UNSUPPORTED: readonly string[] = [
  'UnsupportedOperation',
  'InvalidAction',
  'UnknownOperationException',
  'UnknownOperation',
  'NotImplemented',
];

/** The SDK's name for an answer that is not in SQS's form. */
const NO_SQS_ANSWER = 'SyntaxError';

/** A listed task that can still change. */
const GOING_ON: readonly (string | undefined)[] = ['RUNNING', 'CANCELLING'];

/**
 * Lets SQS itself move all messages of a dead-letter queue, and follows the task to its end. SQS gives moved messages a new id and a new
 * time of sending. One task runs on a queue at a time: one that runs already is followed, none is started. Rejects with
 * QueueCheckError, a lacking permission too.
 */
export async function moveDeadLetters(options: MoveTaskOptions): Promise<MoveTaskEnd> {
  const { signal, onProgress, pollMs = 1_000 } = options;
  let earlier: readonly ListMessageMoveTasksResultEntry[] | undefined;
  let handle: string | undefined;
  try {
    earlier = await listTasks(options);
    handle = earlier.find(({ Status }) => Status === 'RUNNING')?.TaskHandle ?? (await startTask(options));
  } catch (error) {
    const failure = readAwsFailure(error instanceof Error ? (error.cause ?? error) : error);
    // moto answers an action that it does not know with a page for people. The first question begins nothing, a start may have.
    const noSuchAction = earlier === undefined && failure.code === NO_SQS_ANSWER;
    if (!noSuchAction && !UNSUPPORTED.includes(failure.code)) throw error;
    return { kind: 'unsupported', reason: `${failure.code}: ${failure.message}` };
  }
  const old = new Set(
    earlier.filter(({ Status }) => Status !== 'RUNNING').map(({ StartedTimestamp }) => StartedTimestamp),
  );
  let cancelled = false;
  for (;;) {
    if (signal?.aborted && !cancelled) {
      cancelled = true;
      await cancelTask(options, handle);
    }
    const tasks = await listTasks(options);
    // The handle is told only while a task runs; afterwards it is the one that was not there before.
    const task =
      tasks.find(({ TaskHandle }) => TaskHandle === handle) ??
      tasks.find(({ StartedTimestamp }) => !old.has(StartedTimestamp));
    const moved = task?.ApproximateNumberOfMessagesMoved ?? 0;
    onProgress?.({ moved, total: task?.ApproximateNumberOfMessagesToMove ?? moved });
    if (task && !GOING_ON.includes(task.Status)) return endOf(task, moved);
    await sleep(pollMs, undefined, signal && !cancelled ? { signal } : {}).catch(() => undefined);
  }
}

function endOf({ Status, FailureReason }: ListMessageMoveTasksResultEntry, moved: number): MoveTaskEnd {
  if (Status === 'COMPLETED') return { kind: 'moved', moved };
  if (Status === 'CANCELLED') return { kind: 'cancelled', moved };
  return { kind: 'failed', moved, reason: FailureReason ?? `its status is ${Status}` };
}

async function listTasks({ client, sourceArn }: MoveTaskOptions) {
  const command = new ListMessageMoveTasksCommand({ SourceArn: sourceArn, MaxResults: 10 });
  const answer = await checkedCall(sourceArn, 'sqs:ListMessageMoveTasks', () => client.send(command));
  return answer.Results ?? [];
}

async function startTask({ client, sourceArn, destinationArn, ratePerSecond }: MoveTaskOptions) {
  const command = new StartMessageMoveTaskCommand({
    SourceArn: sourceArn,
    DestinationArn: destinationArn,
    MaxNumberOfMessagesPerSecond: Math.min(MAX_MOVE_RATE, Math.max(1, Math.round(ratePerSecond))),
  });
  const answer = await checkedCall(sourceArn, 'sqs:StartMessageMoveTask', () => client.send(command));
  return answer.TaskHandle;
}

/** A task that ended in the meantime cannot be cancelled; its status says so at the next look. */
async function cancelTask({ client }: MoveTaskOptions, handle: string | undefined): Promise<void> {
  const command = new CancelMessageMoveTaskCommand({ TaskHandle: handle });
  await client.send(command).catch(() => undefined);
}
