/** What went wrong, as a stable code for logs, metrics and answers. */
export type QueueErrorCode =
  | 'item_too_large'
  | 'producer_overloaded'
  | 'producer_closed'
  | 'send_failed'
  | 'queue_check_failed'
  | 'quarantine_failed'
  | 'quarantine_unreadable'
  | 'handler_timeout'
  | 'consumer_stopped'
  | 'embedded_failed';

/**
 * Every error that this package throws on purpose. `retryable` says whether the same call, unchanged, can succeed later:
 * then wait and repeat; otherwise something must be changed first.
 */
export abstract class QueueError extends Error {
  abstract readonly code: QueueErrorCode;
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** One item or frame of an uplink is larger than a message may be. Sending it again cannot help. */
export class ItemTooLargeError extends QueueError {
  readonly code = 'item_too_large';
  readonly retryable = false;
  /** Where it stands in the uplink: `items[3]`, `frames[0]`. */
  readonly path: string;
  /** UTF-8 bytes of the smallest body that could carry it. */
  readonly bytes: number;
  readonly limitBytes: number;

  constructor(path: string, bytes: number, limitBytes: number) {
    super(`${path} needs a message of ${bytes} bytes, and a message has at most ${limitBytes}`);
    this.path = path;
    this.bytes = bytes;
    this.limitBytes = limitBytes;
  }
}

/** The producer holds as many unsent bytes as it may. Nothing of this uplink was taken; send it again a little later. */
export class ProducerOverloadedError extends QueueError {
  readonly code = 'producer_overloaded';
  readonly retryable = true;
  readonly pendingBytes: number;
  readonly limitBytes: number;

  constructor(pendingBytes: number, limitBytes: number) {
    super(`${pendingBytes} bytes wait to be sent, and at most ${limitBytes} may`);
    this.pendingBytes = pendingBytes;
    this.limitBytes = limitBytes;
  }
}

/** The producer is shutting down and takes nothing more; another process may. */
export class ProducerClosedError extends QueueError {
  readonly code = 'producer_closed';
  readonly retryable = true;

  constructor() {
    super('the producer is closed');
  }
}

/**
 * The queue did not accept all parts of an uplink. Some parts may be on the queue; sending the whole uplink again is harmless,
 * because its points keep their version.
 */
export class SendFailedError extends QueueError {
  readonly code = 'send_failed';
  readonly retryable: boolean;
  readonly queueUrl: string;
  readonly acceptedParts: number;
  readonly failedParts: number;
  /** The code SQS gave for the first failed part. */
  readonly reason: string;

  constructor(
    details: {
      queueUrl: string;
      acceptedParts: number;
      failedParts: number;
      reason: string;
      message: string;
      retryable: boolean;
    },
    options?: ErrorOptions,
  ) {
    const parts = details.acceptedParts + details.failedParts;
    super(
      `${details.failedParts} of ${parts} messages were not accepted by ${details.queueUrl}: ${details.reason}: ${details.message}`,
      options,
    );
    this.queueUrl = details.queueUrl;
    this.acceptedParts = details.acceptedParts;
    this.failedParts = details.failedParts;
    this.reason = details.reason;
    this.retryable = details.retryable;
  }
}

/** Why a queue cannot be used. */
export type QueueProblem = 'missing' | 'denied' | 'unreachable' | 'refused';

/** A queue failed its check: it is missing, or the credentials lack a permission, or nothing answered. */
export class QueueCheckError extends QueueError {
  readonly code = 'queue_check_failed';
  readonly retryable: boolean;
  /** What the caller calls the queue (`uplinks`), or its URL. */
  readonly queue: string;
  readonly problem: QueueProblem;
  /** The IAM action that was tried, such as `sqs:GetQueueAttributes`. */
  readonly action: string;

  constructor(
    details: { queue: string; problem: QueueProblem; action: string; message: string; retryable: boolean },
    options?: ErrorOptions,
  ) {
    super(`queue ${details.queue}: ${details.message}`, options);
    this.queue = details.queue;
    this.problem = details.problem;
    this.action = details.action;
    this.retryable = details.retryable;
  }
}

/** A message could not be written to the quarantine; it stays on its own queue. */
export class QuarantineFailedError extends QueueError {
  readonly code = 'quarantine_failed';
  readonly retryable: boolean;
  readonly messageId: string;

  constructor(messageId: string, reason: string, retryable: boolean, options?: ErrorOptions) {
    super(`message ${messageId} could not be quarantined: ${reason}`, options);
    this.messageId = messageId;
    this.retryable = retryable;
  }
}

/** What stands on the quarantine queue is no envelope, or its parts do not fit together. */
export class QuarantineUnreadableError extends QueueError {
  readonly code = 'quarantine_unreadable';
  readonly retryable = false;

  constructor(rule: string, options?: ErrorOptions) {
    super(`not a readable quarantine envelope: ${rule}`, options);
  }
}

/** The handler did not give an outcome in time; its message goes back to the queue. */
export class HandlerTimeoutError extends QueueError {
  readonly code = 'handler_timeout';
  readonly retryable = true;
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`the handler gave no outcome within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** The consumer was stopped: a message in hand goes back to the queue, and `start` is refused. */
export class ConsumerStoppedError extends QueueError {
  readonly code = 'consumer_stopped';
  readonly retryable = false;

  constructor() {
    super('the consumer is stopped');
  }
}

/** The embedded SQS cannot run: its data folder is in use, its port is taken, or the installed fauxqs is another one. */
export class EmbeddedSqsError extends QueueError {
  readonly code = 'embedded_failed';
  readonly retryable = false;
}
