import { QueueConsumer } from '@furrow/queue';
import { POLLERS, serveSide } from './side.ts';

/** The floor: the worker's own pollers, which only receive and delete. */
await serveSide(async ({ client, queueUrl }) => {
  const consumer = new QueueConsumer({
    client,
    queueUrl,
    quarantine: { put: () => Promise.reject(new Error('the floor refuses nothing')) },
    pollers: POLLERS,
    waitTimeSeconds: 1,
    handle: async () => ({ kind: 'ack' }),
  });
  return { start: () => consumer.start(), stop: () => consumer.stop() };
});
