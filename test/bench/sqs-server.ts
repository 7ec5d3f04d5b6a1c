import { startEmbeddedSqs } from '@furrow/queue/embedded';

/** The embedded SQS as a process of its own, so that its work is not counted as the worker's. Prints its endpoint, ends with its input. */
const sqs = await startEmbeddedSqs();
console.log(sqs.endpoint);
process.stdin.on('end', () => void sqs.close()).resume();
