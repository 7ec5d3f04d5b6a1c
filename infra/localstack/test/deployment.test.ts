import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { MAX_MESSAGE_BYTES } from '@furrow/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { optionalEngine } from '../../../packages/timeseries/test/optional-engine.ts';
import { deployAssembly } from '../deploy-assembly.ts';
import { createLocalClient } from '../local-access.ts';
import { provideQueues } from '../provide-queues.ts';
import { synthQueues } from '../synth-queues.ts';
import { type TemplateQueue, templateQueues } from '../template-queues.ts';

const endpoint = optionalEngine(
  'FURROW_TEST_LOCALSTACK',
  'the queue stack is NOT deployed to LocalStack; only its template is looked at.',
  'mayBeAbsent',
);
const DEPLOYMENT = { timeout: 120_000 };

describe.skipIf(endpoint === undefined)('the queue stack on LocalStack', () => {
  const server = endpoint ?? '';
  const suffix = `-${Date.now()}`;
  const client = createLocalClient(server);
  let outdir = '';
  let queues: readonly TemplateQueue[] = [];

  beforeAll(async () => {
    outdir = mkdtempSync(join(tmpdir(), 'furrow-deployment-'));
    queues = templateQueues(await synthQueues('dev', outdir, suffix));
    const { deployed, urls } = await provideQueues(server, suffix);
    expect(deployed).toBe(true);
    expect([...urls.keys()].map((name) => name + suffix).sort()).toEqual(
      queues.map(({ name }) => name).sort(),
    );
  }, DEPLOYMENT.timeout);

  afterAll(() => {
    client.destroy();
    rmSync(outdir, { recursive: true, force: true });
  });

  it('has every attribute of the template on every queue', async () => {
    expect(queues).toHaveLength(5);
    for (const queue of queues) expect(await attributesOf(queue.name)).toEqual(expectedOf(queue));
  });

  it('moves a message to the dead letters after its last delivery, and not before', async () => {
    const [uplinks] = queues.filter(({ name }) => name.startsWith('furrow-uplinks'));
    const { name: deadLetters = '', maxReceiveCount = 0 } = uplinks?.deadLetter ?? {};
    const QueueUrl = await urlOf(uplinks?.name ?? '');
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'nobody finishes it' }));
    for (let delivery = 1; delivery <= maxReceiveCount; delivery += 1) {
      const { Messages: [message] = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
      );
      expect(message?.Body, `delivery ${delivery}`).toBe('nobody finishes it');
      const { ReceiptHandle } = message ?? {};
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
      );
    }
    const again = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    expect(again.Messages ?? []).toEqual([]);
    const { Messages: dead = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: await urlOf(deadLetters), WaitTimeSeconds: 5 }),
    );
    expect(dead.map(({ Body }) => Body)).toEqual(['nobody finishes it']);
  });

  it('changes nothing when it is deployed again', DEPLOYMENT, async () => {
    expect(await deployAssembly(outdir, server)).toContain('(no changes)');
  });

  it('keeps messages and every other attribute when one is changed', DEPLOYMENT, async () => {
    const QueueUrl = await urlOf(`furrow-commands${suffix}`);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'stays' }));
    edit('"VisibilityTimeout": 720', '"VisibilityTimeout": 721');
    expect(await deployAssembly(outdir, server)).not.toContain('(no changes)');
    for (const queue of queues)
      expect(await attributesOf(queue.name)).toEqual({ ...expectedOf(queue), VisibilityTimeout: '721' });
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    expect(Messages.map(({ Body }) => Body)).toEqual(['stays']);
    const largest = 'x'.repeat(MAX_MESSAGE_BYTES);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: largest }));
  });

  it('says why a deployment failed', DEPLOYMENT, async () => {
    edit(`"furrow-quarantine${suffix}"`, '"no name of a queue"');
    await expect(deployAssembly(outdir, server)).rejects.toThrow(
      /^cdk deploy ended with 1:[\s\S]*queues\/Quarantine [\s\S]*InvalidParameterValue/,
    );
  });

  /** Changes the template that is deployed next. */
  function edit(text: string, other: string): void {
    const file = join(outdir, 'queues.template.json');
    const template = readFileSync(file, 'utf8');
    expect(template).toContain(text);
    writeFileSync(file, template.replaceAll(text, other));
  }

  /** What a queue of the template is set to, with the text of JSON read. */
  function expectedOf({ name, attributes, deadLetter }: TemplateQueue): object {
    const sources = queues
      .filter((queue) => queue.deadLetter?.name === name)
      .map((queue) => arnOf(queue.name));
    return {
      DelaySeconds: '0',
      ReceiveMessageWaitTimeSeconds: '0',
      ...attributes,
      QueueArn: arnOf(name),
      ...(deadLetter && {
        RedrivePolicy: {
          deadLetterTargetArn: arnOf(deadLetter.name),
          maxReceiveCount: deadLetter.maxReceiveCount,
        },
      }),
      ...(sources.length > 0 && {
        RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: sources },
      }),
      Policy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 'sqs:*',
            Resource: arnOf(name),
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    };
  }

  async function attributesOf(name: string): Promise<Record<string, unknown>> {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: await urlOf(name), AttributeNames: ['All'] }),
    );
    const settings = Object.entries(Attributes).filter(([key]) => !/Timestamp$|^Approximate/.test(key));
    return Object.fromEntries(
      settings.map(([key, text]) => [key, text.startsWith('{') ? JSON.parse(text) : text]),
    );
  }

  async function urlOf(name: string): Promise<string> {
    const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    return QueueUrl;
  }
});

function arnOf(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}
