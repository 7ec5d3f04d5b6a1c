import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSqsClient, ensureQueues, probeQueue, QueueCheckError, STANDARD_QUEUES } from '../src/index.ts';
import { awsError, injectFault } from './fixtures/faults.ts';
import { openSqsRoom, receiveAll, type SqsRoom, sendBodies } from './fixtures/sqs-room.ts';

let room: SqsRoom;
beforeAll(async () => {
  room = await openSqsRoom();
});
afterAll(() => room.close());

describe('ensureQueues', () => {
  it('creates the standard queues with their dead letters', async () => {
    const urls = await ensureQueues(room.client);
    expect([...urls.keys()].sort()).toEqual([
      'furrow-commands',
      'furrow-commands-dead-letter',
      'furrow-dead-letter',
      'furrow-quarantine',
      'furrow-uplinks',
    ]);
    const facts = await probeQueue({ client: room.client, queueUrl: urls.get('furrow-uplinks') ?? '' });
    expect(facts).toMatchObject({
      visibilityTimeoutSeconds: 60,
      retentionSeconds: 1_209_600,
      deadLetter: { arn: expect.stringMatching(/:furrow-dead-letter$/), maxReceiveCount: 5 },
    });
    expect(STANDARD_QUEUES).toHaveLength(3);
  });

  it('changes the attributes of a queue that is there and keeps its messages', async () => {
    const name = `q-${randomUUID()}`;
    await ensureQueues(room.client, [{ name }]);
    await sendBodies(room.client, room.sqs.queueUrl(name), ['m']);
    const urls = await ensureQueues(room.client, [{ name, visibilityTimeoutSeconds: 7 }]);
    const queueUrl = urls.get(name) ?? '';
    expect(await probeQueue({ client: room.client, queueUrl })).toMatchObject({
      visibilityTimeoutSeconds: 7,
    });
    expect(await receiveAll(room.client, queueUrl)).toHaveLength(1);
  });
});

describe('probeQueue', () => {
  it.each([
    ['missing', awsError('QueueDoesNotExist', 400), /^queue uplinks: there is no such queue/, false],
    ['denied', awsError('AccessDenied', 403), /lack the permission sqs:GetQueueAttributes/, false],
    ['refused', awsError('RequestThrottled', 400), /was refused \(RequestThrottled/, true],
    ['unreachable', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), /nothing answered/, true],
  ])('says that a queue is %s', async (problem, error, sentence, retryable) => {
    const client = room.newClient();
    injectFault(client, 'GetQueueAttributes', async () => {
      throw error;
    });
    const probing = probeQueue({ client, queueUrl: 'http://127.0.0.1/0/q', name: 'uplinks' });
    const caught = await probing.catch((reason: unknown) => reason);
    expect(caught).toBeInstanceOf(QueueCheckError);
    expect(caught).toMatchObject({ queue: 'uplinks', problem, retryable, action: 'sqs:GetQueueAttributes' });
    expect(String(caught)).toMatch(
      sentence.source.startsWith('^') ? new RegExp(sentence.source.slice(1)) : sentence,
    );
  });

  it('finds a real queue missing, and a real port closed', async () => {
    const missing = probeQueue({ client: room.client, queueUrl: room.sqs.queueUrl('nowhere') });
    await expect(missing).rejects.toMatchObject({ problem: 'missing' });
    const client = createSqsClient({ ...room.sqs.clientConfig, endpoint: 'http://127.0.0.1:1' });
    await expect(probeQueue({ client, queueUrl: 'http://127.0.0.1:1/0/q' })).rejects.toMatchObject({
      problem: 'unreachable',
    });
    client.destroy();
  });
});

describe('createSqsClient', () => {
  it('speaks to its endpoint whatever host a queue URL names, without a warning', async () => {
    const urls = await ensureQueues(room.client, [{ name: `q-${randomUUID()}` }]);
    const [queueUrl = ''] = urls.values();
    expect(queueUrl).toContain('sqs.us-east-1.localhost');
    await sendBodies(room.client, queueUrl, ['m']);
    expect(await receiveAll(room.client, queueUrl)).toHaveLength(1);
  });

  it('leaves endpoint and region to the variables of the SDK', async () => {
    process.env['AWS_ENDPOINT_URL_SQS'] = room.sqs.endpoint;
    process.env['AWS_REGION'] = 'eu-west-3';
    const client = createSqsClient({ credentials: room.sqs.clientConfig.credentials });
    try {
      expect(await client.config.region()).toBe('eu-west-3');
      const urls = await ensureQueues(client, [{ name: `q-${randomUUID()}` }]);
      const [queueUrl = ''] = urls.values();
      expect((await probeQueue({ client, queueUrl })).arn).toContain(':eu-west-3:');
    } finally {
      delete process.env['AWS_ENDPOINT_URL_SQS'];
      delete process.env['AWS_REGION'];
      client.destroy();
    }
  });
});
