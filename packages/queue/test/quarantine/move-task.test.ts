import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSqsClient, type MoveTaskOptions, moveDeadLetters } from '../../src/index.ts';
import { openSqsRoom } from '../fixtures/sqs-room.ts';

const SOURCE = 'arn:aws:sqs:us-east-1:000000000000:furrow-dead-letter';
const UPLINKS = 'arn:aws:sqs:us-east-1:000000000000:furrow-uplinks';

interface Task {
  readonly handle: string;
  readonly startedAt: number;
  status: string;
  moved: number;
  failure?: string;
}

/**
 * The move tasks of SQS, from its API reference: JSON protocol 1.0; one active task on a queue; the handle is told only while a task
 * runs; what is to be moved only once it was selected to start; newest first; a rate of 1 to 500.
 */
class FakeMoveTasks {
  readonly tasks: Task[] = [];
  readonly started: Record<string, unknown>[] = [];
  /** The action that the server answers with a page for people, as moto does with those it does not know. */
  page: string | undefined;
  refusal: { readonly status: number; readonly type: string; readonly message: string } | undefined;
  /** Messages moved between two looks, and how the task ends. */
  step = 40;
  total = 100;
  end: 'COMPLETED' | 'FAILED' = 'COMPLETED';

  answer(action: string, input: Record<string, unknown>): Record<string, unknown> {
    if (this.refusal) throw this.refusal;
    if (input['SourceArn'] !== SOURCE && action !== 'CancelMessageMoveTask') {
      throw {
        status: 404,
        type: 'ResourceNotFoundException',
        message: 'The resource that you specified for the SourceArn parameter does not exist.',
      };
    }
    if (action === 'StartMessageMoveTask') return this.#start(input);
    if (action === 'ListMessageMoveTasks') return this.#list();
    if (action === 'CancelMessageMoveTask') return this.#cancel(input);
    throw { status: 400, type: 'InvalidAction', message: `Unknown action: ${action}` };
  }

  #start(input: Record<string, unknown>) {
    const rate = Number(input['MaxNumberOfMessagesPerSecond']);
    if (!(rate >= 1 && rate <= 500)) {
      throw {
        status: 400,
        type: 'InvalidParameterValue',
        message: 'Value for parameter MaxNumberOfMessagesPerSecond is invalid.',
      };
    }
    this.started.push(input);
    const handle = `task-${this.tasks.length}`;
    this.tasks.unshift({ handle, startedAt: 1_000 + this.tasks.length, status: 'RUNNING', moved: 0 });
    return { TaskHandle: handle };
  }

  #list() {
    const results = this.tasks.map((task) => ({
      ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
      Status: task.status,
      SourceArn: SOURCE,
      ApproximateNumberOfMessagesMoved: task.moved,
      ...(task.moved > 0 && { ApproximateNumberOfMessagesToMove: this.total }),
      ...(task.failure && { FailureReason: task.failure }),
      StartedTimestamp: task.startedAt,
    }));
    for (const task of this.tasks) this.#work(task);
    return { Results: results };
  }

  #work(task: Task): void {
    if (task.status === 'CANCELLING') task.status = 'CANCELLED';
    if (task.status !== 'RUNNING') return;
    task.moved = Math.min(this.total, task.moved + this.step);
    if (this.end === 'FAILED')
      Object.assign(task, { status: 'FAILED', failure: 'CouldNotDetermineMessageSource' });
    else if (task.moved === this.total) task.status = 'COMPLETED';
  }

  #cancel(input: Record<string, unknown>) {
    const task = this.tasks.find(
      ({ handle, status }) => handle === input['TaskHandle'] && status === 'RUNNING',
    );
    if (!task) throw { status: 404, type: 'ResourceNotFoundException', message: 'Task does not exist.' };
    task.status = 'CANCELLING';
    return { ApproximateNumberOfMessagesMoved: task.moved };
  }
}

async function startFake() {
  const fake = new FakeMoveTasks();
  const server: Server = createServer((request, response) => void respond(fake, request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = createSqsClient({ endpoint, region: 'us-east-1', credentials });
  onTestFinished(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  const move = (options: Partial<MoveTaskOptions> = {}) =>
    moveDeadLetters({
      client,
      sourceArn: SOURCE,
      destinationArn: UPLINKS,
      ratePerSecond: 100,
      pollMs: 1,
      ...options,
    });
  return { fake, move };
}

async function respond(
  fake: FakeMoveTasks,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
  if (action === fake.page) {
    response.writeHead(500, { 'content-type': 'text/html' }).end('<!doctype html><title>500</title>');
    return;
  }
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  try {
    response.end(JSON.stringify(fake.answer(action, JSON.parse(text))));
  } catch (refusal) {
    const { status, type, message } = refusal as { status: number; type: string; message: string };
    response.statusCode = status;
    response.end(JSON.stringify({ __type: `com.amazonaws.sqs#${type}`, message }));
  }
}

describe('moveDeadLetters', () => {
  it('lets SQS move the messages to the uplink queue and follows the task', async () => {
    const { fake, move } = await startFake();
    fake.tasks.push({ handle: 'old', startedAt: 7, status: 'COMPLETED', moved: 3 });
    const seen: number[] = [];
    const end = await move({ ratePerSecond: 9_000, onProgress: ({ moved }) => seen.push(moved) });
    expect(end).toEqual({ kind: 'moved', moved: 100 });
    expect(seen).toEqual([0, 40, 80, 100]);
    expect(fake.started).toEqual([
      { SourceArn: SOURCE, DestinationArn: UPLINKS, MaxNumberOfMessagesPerSecond: 500 },
    ]);
  });

  it('knows its task among earlier ones even when it ends before the first look', async () => {
    const { fake, move } = await startFake();
    fake.tasks.push({ handle: 'old', startedAt: 7, status: 'COMPLETED', moved: 3 });
    fake.step = 100;
    expect(await move()).toEqual({ kind: 'moved', moved: 100 });
  });

  it('follows a task that runs already instead of starting one', async () => {
    const { fake, move } = await startFake();
    fake.tasks.push({ handle: 'running', startedAt: 7, status: 'RUNNING', moved: 10 });
    expect(await move()).toEqual({ kind: 'moved', moved: 100 });
    expect(fake.started).toEqual([]);
  });

  it('tells why a task failed', async () => {
    const { fake, move } = await startFake();
    fake.end = 'FAILED';
    expect(await move()).toEqual({ kind: 'failed', moved: 40, reason: 'CouldNotDetermineMessageSource' });
  });

  it('cancels the task at its signal and says how many were moved', async () => {
    const { fake, move } = await startFake();
    fake.step = 1;
    const stop = new AbortController();
    const end = await move({ signal: stop.signal, onProgress: ({ moved }) => moved >= 3 && stop.abort() });
    expect(end).toMatchObject({ kind: 'cancelled' });
    expect(fake.tasks[0]?.status).toBe('CANCELLED');
  });

  it.each([
    [400, 'UnsupportedOperation'],
    [400, 'InvalidAction'],
    [404, 'UnknownOperationException'],
  ])('says that the server has no such tasks after %i %s', async (status, type) => {
    const { fake, move } = await startFake();
    fake.refusal = { status, type, message: 'no' };
    expect(await move()).toEqual({ kind: 'unsupported', reason: `${type}: no` });
  });

  it('says so of a server that answers the first question with a page for people', async () => {
    const { fake, move } = await startFake();
    fake.page = 'ListMessageMoveTasks';
    expect(await move()).toMatchObject({
      kind: 'unsupported',
      reason: expect.stringContaining('SyntaxError'),
    });
  });

  it('rejects when the start is answered so, for the task may run', async () => {
    const { fake, move } = await startFake();
    fake.page = 'StartMessageMoveTask';
    await expect(move()).rejects.toThrow('sqs:StartMessageMoveTask');
  });

  it('says so of the embedded SQS', async () => {
    const room = await openSqsRoom();
    onTestFinished(() => room.close());
    const end = await moveDeadLetters({
      client: room.client,
      sourceArn: SOURCE,
      destinationArn: UPLINKS,
      ratePerSecond: 1,
    });
    expect(end).toMatchObject({ kind: 'unsupported' });
  });

  it.each([
    [403, 'AccessDeniedException', 'denied', /lack the permission sqs:ListMessageMoveTasks/],
    [404, 'ResourceNotFoundException', 'refused', /ResourceNotFoundException/],
  ])('does not take %i %s for a server without tasks', async (status, type, problem, sentence) => {
    const { fake, move } = await startFake();
    fake.refusal = { status, type, message: 'no' };
    const error = await move().catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'queue_check_failed',
      problem,
      message: expect.stringMatching(sentence),
    });
  });
});
