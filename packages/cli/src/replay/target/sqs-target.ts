import { type createSqsClient, MessageSender, probeQueue } from '@furrow/queue';
import type { ReplayTarget } from './replay-target.ts';

/** Messages that share one request. */
const MESSAGES_PER_REQUEST = 10;

/** Codes after which no further message can succeed. */
const FATAL =
  /AccessDenied|NonExistentQueue|QueueDoesNotExist|InvalidClientTokenId|SignatureDoesNotMatch|CredentialsProvider/;

/**
 * The queue itself. Proves first that it is there; rejects with QueueCheckError when it is not. Throttled requests are tried again with
 * growing waits.
 */
export async function openSqsTarget(
  client: ReturnType<typeof createSqsClient>,
  queueUrl: string,
  connections: number,
): Promise<ReplayTarget> {
  await probeQueue({ client, queueUrl });
  const sender = new MessageSender({ client, queueUrl, maxInFlight: connections });
  return {
    description: queueUrl,
    inFlight: connections * MESSAGES_PER_REQUEST,
    send: async ({ message }) => {
      const result = await sender.send(message);
      if (result.ok) return { ok: true, malformed: 0 };
      const { code, message: text, retryable, cause } = result.failure;
      if (FATAL.test(code)) throw new Error(`the queue takes nothing: ${code}: ${text}`, { cause });
      return { ok: false, reason: `sqs ${code}`, message: text, unsure: retryable };
    },
    close: async () => sender.close(),
  };
}
