export { CommandSender, type CommandSenderOptions } from './command-sender.ts';
export type {
  ConsumerCounters,
  ConsumerObserver,
} from './consumer/consumer-observer.ts';
export { type Outcome, retryDelaySeconds } from './consumer/outcome.ts';
export { QueueConsumer, type QueueConsumerOptions } from './consumer/queue-consumer.ts';
export type { MessageFacts, ReceivedAttribute, ReceivedMessage } from './consumer/received-message.ts';
export { ensureQueues, type QueueSpec, STANDARD_QUEUES } from './ensure-queues.ts';
export {
  ConsumerStoppedError,
  EmbeddedSqsError,
  HandlerTimeoutError,
  ItemTooLargeError,
  ProducerClosedError,
  ProducerOverloadedError,
  QuarantineFailedError,
  QuarantineUnreadableError,
  QueueCheckError,
  QueueError,
  type QueueErrorCode,
  type QueueProblem,
  SendFailedError,
} from './errors.ts';
export { MAX_BODY_BYTES, packUplinks, TARGET_BODY_BYTES } from './pack-uplinks.ts';
export { probeQueue, type QueueFacts, type QueueToCheck } from './probe-queue.ts';
export type { Quarantine, Refusal } from './quarantine/quarantine.ts';
export {
  LISTED_REJECTS,
  type OriginalMessage,
  QUARANTINE_STAGES,
  type QuarantineEnvelope,
  type QuarantineStage,
  quarantineEnvelopeSchema,
} from './quarantine/quarantine-envelope.ts';
export { QuarantineWriter, type QuarantineWriterOptions } from './quarantine/quarantine-writer.ts';
export { readOriginalMessage, readQuarantineEnvelope } from './quarantine/read-envelope.ts';
export type { EntryFailure } from './request-batcher.ts';
export { createSqsClient, type SqsClientOptions } from './sqs-client.ts';
export { DEVICE_ATTRIBUTE } from './sqs-limits.ts';
export { UplinkProducer, type UplinkProducerOptions } from './uplink-producer.ts';
