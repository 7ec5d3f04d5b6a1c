import type { RejectedEntry } from './request-batcher.ts';

/** The parts of an SQS batch answer that matter. */
interface BatchReply {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?:
    | readonly {
        readonly Id?: string | undefined;
        readonly Code?: string | undefined;
        readonly Message?: string | undefined;
        readonly SenderFault?: boolean | undefined;
      }[]
    | undefined;
}

/** The id of an entry in its batch is its position: unique whatever the entries hold. */
export function positionalId(index: number): string {
  return String(index);
}

/**
 * The entries of a batch that SQS did not accept, by position. An entry that the answer names nowhere counts as not accepted:
 * silence is no acknowledgement.
 */
export function rejectedEntries(reply: BatchReply, entryCount: number): RejectedEntry[] {
  const accepted = new Set(reply.Successful?.map((entry) => entry.Id));
  const failed = new Map(reply.Failed?.map((entry) => [entry.Id, entry]));
  const rejected: RejectedEntry[] = [];
  for (let index = 0; index < entryCount; index += 1) {
    const id = positionalId(index);
    const failure = failed.get(id);
    if (failure) {
      const code = failure.Code ?? 'Unknown';
      rejected.push({
        index,
        code,
        message: failure.Message ?? code,
        retryable: failure.SenderFault !== true,
      });
    } else if (!accepted.has(id)) {
      const message = 'the answer does not mention the entry';
      rejected.push({ index, code: 'NoAnswer', message, retryable: true });
    }
  }
  return rejected;
}
