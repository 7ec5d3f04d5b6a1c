export { CommandSender, type CommandSenderOptions } from './command-sender.ts';
export type {
  ConsumerCounters,
  ConsumerObserver,
} from './consumer/consumer-observer.ts';
export { type Outcome, retryDelaySeconds } from './consumer/outcome.ts';
export { HANDLE_TIMEOUT_MS, QueueConsumer, type QueueConsumerOptions } from './consumer/queue-consumer.ts';
export {
  type MessageFacts,
  messageTrace,
  type ReceivedAttribute,
  type ReceivedMessage,
  readReceivedMessage,
} from './consumer/received-message.ts';
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
export { MessageSender, type MessageSenderOptions } from './message-sender.ts';
export type { MessageText } from './outgoing-message.ts';
export { MAX_BODY_BYTES, packUplinks, TARGET_BODY_BYTES } from './pack-uplinks.ts';
export { probeQueue, type QueueFacts, type QueueToCheck } from './probe-queue.ts';
export { findDeadLetterQueue } from './quarantine/dead-letter-queue.ts';
export { type DiscardOptions, type DiscardReport, discardKept } from './quarantine/discard.ts';
export { EnvelopeParts, type GatheredParts } from './quarantine/envelope-parts.ts';
export { isOpenFilter, type KeptFilter, UNKNOWN_REASON } from './quarantine/kept-filter.ts';
export type { KeptMessage, KeptQueue } from './quarantine/kept-message.ts';
export {
  MAX_MOVE_RATE,
  type MoveTaskEnd,
  type MoveTaskOptions,
  moveDeadLetters,
} from './quarantine/move-task.ts';
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
export { QueueScan, type QueueScanOptions } from './quarantine/queue-scan.ts';
export { readOriginalMessage, readQuarantineEnvelope } from './quarantine/read-envelope.ts';
export { Redrive, type RedriveOptions, type RedriveReport } from './quarantine/redrive.ts';
export { REDRIVE_ATTRIBUTE, type RedriveMark } from './quarantine/redrive-mark.ts';
export type { RedriveReturns } from './quarantine/redrive-watch.ts';
export { type KeptScan, type KeptScanReport, type ScanEnd, scanKept } from './quarantine/scan-kept.ts';
export type { EntryFailure, EntryResult } from './request-batcher.ts';
export { createSqsClient, type SqsClientOptions } from './sqs-client.ts';
export { DEVICE_ATTRIBUTE, MAX_MESSAGE_BYTES } from './sqs-limits.ts';
export { UplinkProducer, type UplinkProducerOptions } from './uplink-producer.ts';
