import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { startEmbeddedSqs } from '@furrow/queue/embedded';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sharedEngine } from '../../../test/support/engines/open-engine.ts';
import { openSqsEngine, sqsClientOf } from '../../../test/support/engines/sqs-engine.ts';
import { makeQueues } from '../make-queues.ts';
import { provideQueues } from '../provide-queues.ts';
import { templateQueues } from '../template-queues.ts';
import { queueTemplate } from './queue-template.ts';

const queues = templateQueues(queueTemplate);

describe('templateQueues', () => {
  it('finds every queue of the stack, dead letters first', () => {
    expect(queues.map(({ name, deadLetter }) => [name, deadLetter?.name])).toEqual([
      ['furrow-dead-letter', undefined],
      ['furrow-quarantine', undefined],
      ['furrow-commands-dead-letter', undefined],
      ['furrow-uplinks', 'furrow-dead-letter'],
      ['furrow-commands', 'furrow-commands-dead-letter'],
    ]);
  });

  it('refuses a queue without a name, and one that redrives to nowhere', () => {
    const Type = 'AWS::SQS::Queue';
    expect(() => templateQueues({ Resources: { A: { Type, Properties: {} } } })).toThrow(
      'queue A has no QueueName',
    );
    const RedrivePolicy = { deadLetterTargetArn: { 'Fn::GetAtt': ['B', 'Arn'] }, maxReceiveCount: 5 };
    const Properties = { QueueName: 'a', RedrivePolicy };
    expect(() => templateQueues({ Resources: { A: { Type, Properties } } })).toThrow('no queue B');
  });
});

describe('makeQueues', () => {
  const sqs = sharedEngine('SQS', openSqsEngine);

  it('makes the queues as the template says, and changes nothing the second time', async () => {
    const suffix = `-${Date.now()}`;
    const renamed = queues.map(({ name, deadLetter, ...queue }) => ({
      ...queue,
      name: name + suffix,
      deadLetter: deadLetter && { ...deadLetter, name: deadLetter.name + suffix },
    }));
    const client = sqsClientOf(await (await sqs()).createQueues());
    onTestFinished(() => client.destroy());
    const first = await makeQueues(client, renamed);
    expect(await makeQueues(client, renamed)).toEqual(first);
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: first.get(`furrow-uplinks${suffix}`),
        AttributeNames: ['All'],
      }),
    );
    expect(Attributes).toMatchObject({ VisibilityTimeout: '720', MessageRetentionPeriod: '345600' });
    expect(JSON.parse(Attributes['RedrivePolicy'] ?? '')).toEqual({
      deadLetterTargetArn: expect.stringMatching(new RegExp(`:furrow-dead-letter${suffix}$`)),
      maxReceiveCount: 5,
    });
  });
});

describe('provideQueues', () => {
  it('makes the queues one by one on a server that is no LocalStack, and says so', async () => {
    const server = await startEmbeddedSqs({ queues: [] });
    onTestFinished(() => server.close());
    const { deployed, urls } = await provideQueues(server.endpoint, '-here');
    expect(deployed).toBe(false);
    expect([...urls.keys()]).toEqual(queues.map(({ name }) => name));
    expect([...urls.values()]).toEqual(queues.map(({ name }) => expect.stringMatching(`/${name}-here$`)));
  });
});
