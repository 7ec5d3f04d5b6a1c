// The embedded SQS as a program of its own, on all addresses of its container at LocalStack's port. Its queues are the standard ones;
// others are created by whoever needs them.
import { startEmbeddedSqs } from '@furrow/queue/embedded';

const sqs = await startEmbeddedSqs({ host: '0.0.0.0', port: 4566 });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sqs.close());
// The line by which LocalStack, whose place it takes, says that it serves.
console.log('Ready.');
