import type { ReceivedMessage } from '../consumer/received-message.ts';
import type { OriginalMessage, QuarantineEnvelope } from './quarantine-envelope.ts';

/** A message on the quarantine or the dead-letter queue, as people and tools look at it. Times are milliseconds since 1970 UTC. */
export interface KeptMessage {
  /**
   * `refused`: an envelope of the quarantine; `dead`: a message that nobody could finish; `unknown`: something on the quarantine queue
   * that is no envelope, which is shown and left alone.
   */
  readonly kind: 'refused' | 'dead' | 'unknown';
  /** The envelope's id; SQS's message id where there is no envelope. */
  readonly id: string;
  /** SQS's id of the original message. */
  readonly messageId: string;
  /** How many readings were refused for each reason; empty unless `refused`. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly orgId: string | undefined;
  readonly device: string | undefined;
  /** The agri_ids that were refused, those which the envelope lists. */
  readonly refusedIds: readonly string[];
  /** When it was refused; of a dead letter and an unknown message, when it was sent. */
  readonly since: number;
  readonly sentAt: number;
  readonly messageGroupId: string | undefined;
  /** The redrive that it came back from; undefined when it was never redriven. */
  readonly redriveId: string | undefined;
  /** Why it cannot be sent again as it is: a part is missing, or it is no envelope. Undefined when it can. */
  readonly problem: string | undefined;
  /** The message as it was received first; undefined when there is a `problem`. */
  readonly original: OriginalMessage | undefined;
  /** The envelope, of the first part that was seen; undefined unless `refused`. */
  readonly envelope: QuarantineEnvelope | undefined;
  /** The messages on the queue that it consists of, with any copies: all of them go when it goes. */
  readonly queued: readonly ReceivedMessage[];
}

/** Which of the two queues is looked at. */
export type KeptQueue = 'quarantine' | 'dead_letter';

/** A message that stands for itself: a dead letter, or something foreign on the quarantine queue. */
export function readLoneMessage(
  message: ReceivedMessage,
  kind: 'dead' | 'unknown',
  problem: string | undefined,
): KeptMessage {
  const original = { body: message.body, attributes: [...message.messageAttributes] };
  const origin = readOrigin(original.body);
  const { attributes, redriven } = message;
  return {
    kind,
    id: message.messageId,
    messageId: redriven?.messageId ?? message.messageId,
    reasons: {},
    orgId: attributes.messageGroupId ?? origin.orgId,
    device: message.deviceAgriId ?? origin.device,
    refusedIds: [],
    since: attributes.sentAt,
    sentAt: attributes.sentAt,
    messageGroupId: attributes.messageGroupId,
    redriveId: redriven?.runId,
    problem,
    original: problem === undefined ? original : undefined,
    envelope: undefined,
    queued: [message],
  };
}

/** A refused message out of the envelopes that carry it. `original` is missing exactly when there is a `problem`. */
export function readRefusedMessage(
  envelope: QuarantineEnvelope,
  queued: readonly ReceivedMessage[],
  original: OriginalMessage | undefined,
  problem: string | undefined,
): KeptMessage {
  const origin = readOrigin(original?.body);
  return {
    kind: 'refused',
    id: envelope.id,
    messageId: envelope.message_id,
    reasons: envelope.reasons,
    orgId: envelope.message_group_id ?? origin.orgId,
    device: envelope.device_agri_id ?? origin.device,
    refusedIds: envelope.rejects.flatMap(({ agri_id }) => agri_id ?? []),
    since: envelope.quarantined_at,
    sentAt: envelope.sent_at,
    messageGroupId: envelope.message_group_id,
    redriveId: envelope.redrive_id,
    problem,
    original,
    envelope,
    queued,
  };
}

interface Origin {
  readonly orgId: string | undefined;
  readonly device: string | undefined;
}

/** Who an uplink says it is from, in either form; nothing is proven by it. A body that says nothing, or is no JSON, gives nothing. */
function readOrigin(body: string | undefined): Origin {
  const json = parseJson(body);
  const entry: unknown = Array.isArray(json) ? json[0] : json;
  return { orgId: textOf(entry, 'org_id'), device: textOf(entry, 'device') };
}

function parseJson(body: string | undefined): unknown {
  try {
    return body === undefined ? undefined : JSON.parse(body);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'string' && found !== '' ? found.slice(0, 128) : undefined;
}
