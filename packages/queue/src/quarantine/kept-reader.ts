import type { ReceivedMessage } from '../consumer/received-message.ts';
import { QuarantineUnreadableError } from '../errors.ts';
import { type KeptMessage, type KeptQueue, readLoneMessage, readRefusedMessage } from './kept-message.ts';
import type { OriginalMessage, QuarantineEnvelope } from './quarantine-envelope.ts';
import { readOriginalMessage, readQuarantineEnvelope } from './read-envelope.ts';

/** Most text of parts that waits for the missing ones; a part beyond it is shown as a message of which parts are missing. */
const MAX_WAITING_BYTES = 64 * 1_048_576;

interface OpenParts {
  readonly envelopes: QuarantineEnvelope[];
  readonly queued: ReceivedMessage[];
  readonly parts: Set<number>;
}

/** Makes kept messages out of what comes off the queue, and joins those that are in several parts. */
export class KeptReader {
  readonly #queue: KeptQueue;
  readonly #open = new Map<string, OpenParts>();
  #waitingBytes = 0;

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
    return await this.#addPart(envelope, message);
  }

  /** The messages of which not all parts were seen, each with what is missing. */
  async incomplete(): Promise<KeptMessage[]> {
    const open = [...this.#open.values()];
    this.#open.clear();
    return await Promise.all(open.map(({ envelopes, queued }) => join(envelopes, queued)));
  }

  async #addPart(envelope: QuarantineEnvelope, message: ReceivedMessage): Promise<KeptMessage | undefined> {
    const { original } = envelope;
    const tooMuch = this.#waitingBytes + message.body.length > MAX_WAITING_BYTES;
    if (original.encoding !== 'gzip_part' || tooMuch) return await join([envelope], [message]);
    // A message that came back from a redrive has its id again; its parts and those from before do not mix.
    const key = `${envelope.id} ${envelope.redrive_id ?? ''}`;
    const open = this.#open.get(key) ?? { envelopes: [], queued: [], parts: new Set() };
    this.#open.set(key, open);
    open.envelopes.push(envelope);
    open.queued.push(message);
    open.parts.add(original.part);
    this.#waitingBytes += message.body.length;
    if (open.parts.size < original.parts) return undefined;
    this.#open.delete(key);
    this.#waitingBytes -= open.queued.reduce((bytes, { body }) => bytes + body.length, 0);
    return await join(open.envelopes, open.queued);
  }
}

async function join(
  envelopes: readonly QuarantineEnvelope[],
  queued: readonly ReceivedMessage[],
): Promise<KeptMessage> {
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
