import type { ReceivedMessage } from '../consumer/received-message.ts';
import { QuarantineUnreadableError } from '../errors.ts';
import { EnvelopeParts, type GatheredParts } from './envelope-parts.ts';
import { type KeptMessage, type KeptQueue, readLoneMessage, readRefusedMessage } from './kept-message.ts';
import type { OriginalMessage, QuarantineEnvelope } from './quarantine-envelope.ts';
import { readOriginalMessage, readQuarantineEnvelope } from './read-envelope.ts';

/** Makes kept messages out of what comes off the queue, and joins those that are in several parts. */
export class KeptReader {
  readonly #queue: KeptQueue;
  readonly #parts = new EnvelopeParts<ReceivedMessage>();

  constructor(queue: KeptQueue) {
    this.#queue = queue;
  }

  /** The message that this delivery is, or completes; undefined while parts of it are missing. Never rejects. */
  async read(message: ReceivedMessage): Promise<KeptMessage | undefined> {
    if (this.#queue === 'dead_letter') return readLoneMessage(message, 'dead', undefined);
    let envelope: QuarantineEnvelope;
    try {
      envelope = readQuarantineEnvelope(message.body);
    } catch (error) {
      return readLoneMessage(message, 'unknown', sentenceOf(error));
    }
    const gathered = this.#parts.add(envelope, message, message.body.length);
    return gathered && (await join(gathered));
  }

  /** The messages of which not all parts were seen, each with what is missing. */
  async incomplete(): Promise<KeptMessage[]> {
    return await Promise.all(this.#parts.incomplete().map(join));
  }
}

async function join({ envelopes, from: queued }: GatheredParts<ReceivedMessage>): Promise<KeptMessage> {
  const [first] = envelopes;
  if (!first) throw new QuarantineUnreadableError('there is no envelope');
  let original: OriginalMessage | undefined;
  let problem: string | undefined;
  try {
    original = await readOriginalMessage(envelopes);
  } catch (error) {
    problem = sentenceOf(error);
  }
  return readRefusedMessage(first, queued, original, problem);
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
