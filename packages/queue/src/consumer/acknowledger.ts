import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { positionalId, rejectedEntries } from '../batch-reply.ts';
import { type EntryResult, RequestBatcher } from '../request-batcher.ts';

interface VisibilityChange {
  readonly receiptHandle: string;
  readonly seconds: number;
}

const SHARED = {
  requestTimeoutMs: 10_000,
  backoff: { baseMs: 100, maxMs: 2_000 },
  maxInFlight: 8,
} as const;

/**
 * Deletes messages and changes their visibility, gathered into batch requests. Entries that SQS names as failed are tried again a
 * few times; the result of each call tells whether it was accepted. No call rejects.
 */
export class Acknowledger {
  readonly #deletes: RequestBatcher<string>;
  readonly #changes: RequestBatcher<VisibilityChange>;

  constructor(client: SQSClient, queueUrl: string) {
    this.#deletes = new RequestBatcher<string>({
      ...SHARED,
      lingerMs: 5,
      maxAttempts: 5,
      request: async (handles, abortSignal) => {
        const Entries = handles.map((ReceiptHandle, index) => ({ Id: positionalId(index), ReceiptHandle }));
        const command = new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries });
        return rejectedEntries(await client.send(command, { abortSignal }), handles.length);
      },
    });
    this.#changes = new RequestBatcher<VisibilityChange>({
      ...SHARED,
      lingerMs: 5,
      maxAttempts: 3,
      request: async (changes, abortSignal) => {
        const Entries = changes.map((change, index) => ({
          Id: positionalId(index),
          ReceiptHandle: change.receiptHandle,
          VisibilityTimeout: change.seconds,
        }));
        const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
        return rejectedEntries(await client.send(command, { abortSignal }), changes.length);
      },
    });
  }

  delete(receiptHandle: string): Promise<EntryResult> {
    return this.#deletes.add(receiptHandle);
  }

  /** Hides the message for `seconds` from now on; 0 gives it back at once. */
  changeVisibility(receiptHandle: string, seconds: number): Promise<EntryResult> {
    return this.#changes.add({ receiptHandle, seconds });
  }

  /** Gives up what is still under way. */
  abort(reason: Error): void {
    this.#deletes.abort(reason);
    this.#changes.abort(reason);
  }
}
