// A worker that dies on every message: `node crashing-consumer.ts <endpoint> <queue URL>`.
import { createSqsClient, QueueConsumer } from '@furrow/queue';

const [, , endpoint = '', queueUrl = ''] = process.argv;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const client = createSqsClient({ endpoint, region: 'us-east-1', credentials });

new QueueConsumer({
  client,
  queueUrl,
  quarantine: { put: async () => {} },
  pollers: 1,
  visibilityTimeoutSeconds: 1,
  waitTimeSeconds: 1,
  handle: async () => {
    process.kill(process.pid, 'SIGKILL');
    return { kind: 'ack' };
  },
}).start();
