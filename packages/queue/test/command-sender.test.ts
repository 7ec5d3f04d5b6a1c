import { agriId } from '@furrow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandSender, SendFailedError } from '../src/index.ts';
import { watch } from './fixtures/faults.ts';
import { openSqsRoom, receiveAll, type SqsRoom } from './fixtures/sqs-room.ts';

const MESSAGE = {
  v: 1,
  org_id: 'yanji-lab',
  device: agriId('d-1000-abcd'),
  token: 'cmd_AAAAAAAAAAAAAAAAAAAAAA',
} as const;

describe('CommandSender', () => {
  let room: SqsRoom;
  beforeAll(async () => {
    room = await openSqsRoom();
  });
  afterAll(() => room.close());

  it('puts one message on the queue, in the group of its organization', async () => {
    const queueUrl = await room.newQueue();
    const client = room.newClient();
    // What the embedded server answers lacks the group of a message that was sent alone.
    const requests = watch(client, 'SendMessage');
    await new CommandSender({ client, queueUrl }).send(MESSAGE);
    const [message, ...others] = await receiveAll(room.client, queueUrl);
    expect(others).toEqual([]);
    expect(JSON.parse(message?.Body ?? '')).toEqual(MESSAGE);
    expect(requests).toMatchObject([{ MessageGroupId: 'yanji-lab' }]);
  });

  it('rejects when the queue refuses, and says why', async () => {
    const sender = new CommandSender({ client: room.newClient(), queueUrl: room.sqs.queueUrl('nowhere') });
    const error = await sender.send(MESSAGE).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(SendFailedError);
    expect(error).toMatchObject({
      code: 'send_failed',
      reason: expect.stringMatching(/NonExistentQueue|QueueDoesNotExist/),
    });
  });
});
