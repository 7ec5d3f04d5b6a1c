import type { ConsumerObserver, ReceivedMessage } from '@furrow/queue';
import type { LogDigest, Readiness } from '@furrow/runtime';
import type { MessageBooks } from './message-books.ts';
import type { IngestMetrics } from './metrics.ts';

export interface MessageObserverOptions {
  readonly books: MessageBooks;
  readonly digest: LogDigest;
  readonly readiness: Readiness;
  /** Asked at each event: metrics are declared when the consumer is there. */
  readonly metrics: () => IngestMetrics;
}

/** Settles each message in the books, measures its ages, and counts what failed on the way. */
export function observeMessages({
  books,
  digest,
  readiness,
  metrics,
}: MessageObserverOptions): ConsumerObserver {
  const settle = (
    message: ReceivedMessage,
    ...end: Parameters<MessageBooks['settle']> extends [unknown, ...infer End] ? End : never
  ): void => {
    const entry = books.settle(message, ...end);
    if (entry?.storedAt !== undefined && end[0] !== 'returned')
      metrics().acknowledged(Date.now() - entry.storedAt);
  };
  return {
    polled: (messages) => {
      readiness.ready('queue');
      metrics().polled(messages);
    },
    received: (message) => {
      books.receive(message);
      metrics().received(message.receivedAt - message.attributes.sentAt);
    },
    duplicated: () => metrics().duplicated(),
    acked: (message, { countedOnly = [] }) => {
      settle(message, 'acked', countedOnly);
      if (countedOnly.length > 0) metrics().sampledOut(countedOnly.length);
    },
    quarantined: (message, { rejects }) => settle(message, 'quarantined', rejects),
    retried: (message, reason, delaySeconds) => {
      settle(message, 'returned');
      digest.write('warn', 'message returned to the queue', reason, {
        messageId: message.messageId,
        delaySeconds,
      });
    },
    pollFailed: (error, waitMs) => {
      metrics().callFailed('receive');
      readiness.notReady('queue', error.message);
      digest.write('warn', 'receive failed', error.message, { err: error, waitMs });
    },
    deleteFailed: ({ messageId }, failure) => {
      metrics().callFailed('delete');
      const text = 'delete failed; the message will come again and change nothing';
      digest.write('warn', text, failure.code, { messageId, failure });
    },
    releaseFailed: ({ messageId }, failure) => {
      metrics().callFailed('release');
      const text = 'message not given back early; it comes when its visibility timeout ends';
      digest.write('warn', text, failure.code, { messageId, failure });
    },
    heartbeatFailed: ({ messageId }, failure) => {
      metrics().callFailed('renew');
      const text = 'lease not renewed; the message may be delivered twice and change nothing';
      digest.write('warn', text, failure.code, { messageId, failure });
    },
    quarantineFailed: ({ messageId }, error) => {
      const kind = error instanceof Error ? error.name : 'Error';
      digest.write('error', 'quarantine failed; the message stays on the queue', kind, {
        messageId,
        err: error,
      });
    },
  };
}
