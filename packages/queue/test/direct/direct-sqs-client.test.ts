import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { createSqsClient } from '../../src/index.ts';
import { type ScriptedSqs, type SeenRequest, sendJson, startScriptedSqs } from '../fixtures/scripted-sqs.ts';

const QUEUE = 'http://127.0.0.1:1/000000000000/furrow-uplinks';
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Answers = (request: SeenRequest, response: ServerResponse, number: number) => void;

/** A client whose first request, GetQueueUrl, has shown it where to send; `answer` gets the others, from 1. */
async function openRoom(answer: Answers, path = '', credentials: object = {}) {
  const sqs: ScriptedSqs = await startScriptedSqs((request, response) => {
    if (request.headers['x-amz-target'] === 'AmazonSQS.GetQueueUrl')
      return sendJson(response, { QueueUrl: QUEUE });
    answer(request, response, sqs.seen.length - 1);
  });
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x', ...credentials };
  const client = createSqsClient({
    ...{ endpoint: `${sqs.endpoint}${path}`, region: 'eu-west-1' },
    credentials: async () => keys,
  });
  closers.push(
    () => sqs.close(),
    () => client.destroy(),
  );
  await client.send(new GetQueueUrlCommand({ QueueName: 'furrow-uplinks' }));
  return { client, keys, asked: () => sqs.seen.slice(1) };
}

const RECEIVE = { QueueUrl: QUEUE, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 };
const message = (body: string, more: object = {}) => ({
  ...{ MessageId: 'm-1', ReceiptHandle: 'r-1', Body: body, MD5OfBody: md5(body) },
  ...more,
});

describe('the short way to SQS', () => {
  it.each([
    ['ASCII', '{"value":21.5}'],
    ['other text', '{"name":"温室 3 °C 🌱"}'],
    ['an empty body', ''],
  ])('receives %s in one request that is not the SDK’s', async (_, body) => {
    const { client, asked } = await openRoom((_request, response) =>
      sendJson(response, { Messages: [message(body)] }),
    );
    const { Messages } = await client.send(new ReceiveMessageCommand(RECEIVE));
    expect(Messages).toEqual([message(body)]);
    expect(asked()).toMatchObject([{ path: '/', bySdk: false, text: JSON.stringify(RECEIVE) }]);
    expect(asked()[0]?.headers).toMatchObject({
      'x-amz-target': 'AmazonSQS.ReceiveMessage',
      'content-type': 'application/x-amz-json-1.0',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/sqs\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
      ),
      'user-agent': expect.stringContaining('aws-sdk-js'),
    });
  });

  it('answers a receive of nothing as the SDK does', async () => {
    const { client } = await openRoom((_request, response) => sendJson(response, {}));
    expect((await client.send(new ReceiveMessageCommand(RECEIVE))).Messages).toBeUndefined();
  });

  it('gives binary attributes as bytes', async () => {
    const attributes = {
      raw: { DataType: 'Binary', BinaryValue: 'AP8=' },
      text: { DataType: 'String', StringValue: 'AP8=' },
    };
    const { client } = await openRoom((_request, response) =>
      sendJson(response, { Messages: [message('x', { MessageAttributes: attributes })] }),
    );
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(RECEIVE));
    const { raw, text } = Messages[0]?.MessageAttributes ?? {};
    expect([...(raw?.BinaryValue ?? [])]).toEqual([0, 255]);
    expect(text).toEqual(attributes.text);
  });

  it('sends to the path of the endpoint, with the token and the key of the moment', async () => {
    const { client, keys, asked } = await openRoom((_request, response) => sendJson(response, {}), '/sqs', {
      sessionToken: 'first',
    });
    await client.send(new ReceiveMessageCommand(RECEIVE));
    Object.assign(keys, { accessKeyId: 'AKIDSECOND', secretAccessKey: 'y', sessionToken: 'second' });
    await client.send(new ReceiveMessageCommand(RECEIVE));
    expect(asked().map(({ path }) => path)).toEqual(['/sqs/', '/sqs/']);
    expect(asked().map(({ headers }) => headers['x-amz-security-token'])).toEqual(['first', 'second']);
    expect(asked()[1]?.headers.authorization).toContain('Credential=AKIDSECOND/');
  });

  it('rejects a body with another checksum than its own, and does not receive again', async () => {
    const { client, asked } = await openRoom((_request, response) =>
      sendJson(response, {
        Messages: [message('x'), message('y', { MessageId: 'm-2', MD5OfBody: md5('z') })],
      }),
    );
    await expect(client.send(new ReceiveMessageCommand(RECEIVE))).rejects.toThrow(/MD5 .*: m-2$/);
    expect(asked()).toHaveLength(1);
  });

  it('rejects an acknowledgement with another checksum than what was sent', async () => {
    const { client, asked } = await openRoom((_request, response) =>
      sendJson(response, {
        Successful: [
          { Id: '0', MD5OfMessageBody: md5('a') },
          { Id: '1', MD5OfMessageBody: md5('?') },
        ],
      }),
    );
    await expect(client.send(sendBatch(['a', 'b']))).rejects.toThrow(/MD5 .*: 1$/);
    expect(asked()).toMatchObject([{ bySdk: false }]);
  });

  it('leaves binary attributes of a batch to the SDK', async () => {
    const { client, asked } = await openRoom((_request, response) =>
      sendJson(response, { Successful: [{ Id: '0', MessageId: 'm', MD5OfMessageBody: md5('a') }] }),
    );
    const attributes = { raw: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) } };
    await client.send(sendBatch(['a'], { MessageAttributes: attributes }));
    expect(asked()).toMatchObject([{ bySdk: true, text: expect.stringContaining('"AP8="') }]);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['a refusal', (response) => sendJson(response, { __type: 'com.amazonaws.sqs#RequestThrottled' }, 400)],
    ['a failing service', (response) => void response.writeHead(503).end('<html>')],
    ['an answer that is no JSON', (response) => void response.writeHead(200).end('{"Messages":[')],
    ['an answer cut short', (response) => cutShort(response)],
    ['no answer', (response) => void response.destroy()],
  ])('asks once more through the SDK after %s', async (_, fail) => {
    const { client, asked } = await openRoom((_request, response, number) =>
      number === 1 ? fail(response) : sendJson(response, { Messages: [message('x')] }),
    );
    const { Messages } = await client.send(new ReceiveMessageCommand(RECEIVE));
    expect(Messages).toMatchObject([message('x')]);
    expect(asked().map(({ bySdk }) => bySdk)).toEqual([false, true]);
  });

  it('rejects with the SDK’s error when a refusal stays', async () => {
    const { client } = await openRoom((_request, response) =>
      sendJson(response, { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'no such queue' }, 400),
    );
    const entries = [{ Id: '0', ReceiptHandle: 'r' }];
    await expect(
      client.send(new DeleteMessageBatchCommand({ QueueUrl: QUEUE, Entries: entries })),
    ).rejects.toMatchObject({ name: 'QueueDoesNotExist', $metadata: { httpStatusCode: 400 } });
  });

  it('ends a long poll when it is aborted, without asking again', async () => {
    const stopping = new AbortController();
    const { client, asked } = await openRoom(() => stopping.abort());
    const receiving = client.send(new ReceiveMessageCommand(RECEIVE), { abortSignal: stopping.signal });
    await expect(receiving).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked()).toHaveLength(1);
  });
});

function sendBatch(bodies: readonly string[], more: Partial<SendMessageBatchRequestEntry> = {}) {
  const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody, ...more }));
  return new SendMessageBatchCommand({ QueueUrl: QUEUE, Entries });
}

function cutShort(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"Messages":[', () => response.destroy());
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
