import { Consumer } from 'sqs-consumer';
import { uplinkSchema, writeAsCommon } from './as-written.ts';
import { sdkClient, serveSide } from './side.ts';

/** The example on the page of sqs-consumer with its defaults: one consumer, one message at a time, one write for each. */
await serveSide(async ({ client, queueUrl, store }) => {
  const write = await writeAsCommon(store);
  const app = Consumer.create({
    queueUrl,
    sqs: client,
    handleMessage: async (message) => {
      await write(uplinkSchema.parse(JSON.parse(message.Body ?? '')));
      return message;
    },
  });
  const failed = (error: Error): void => console.error(error.message);
  app.on('error', failed);
  app.on('processing_error', failed);
  return {
    start: () => app.start(),
    stop: async () => {
      const stopped = new Promise((resolve) => app.once('stopped', () => resolve(undefined)));
      app.stop();
      await stopped;
    },
  };
}, sdkClient);
