import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { REJECT_REASONS, type Reject, type RejectReason } from '@furrow/contracts';
import type { ReceivedMessage } from '../consumer/received-message.ts';
import { QuarantineFailedError } from '../errors.ts';
import { MAX_BODY_BYTES } from '../pack-uplinks.ts';
import { sqsJson, utf8Bytes } from '../sqs-json.ts';
import type { Refusal } from './quarantine.ts';
import {
  LISTED_REJECTS,
  LISTED_TEXT_LENGTH,
  type OriginalMessage,
  type PackedOriginal,
  type QuarantineEnvelope,
} from './quarantine-envelope.ts';
import { REDRIVE_ATTRIBUTE } from './redrive-mark.ts';

type EnvelopeHead = Omit<QuarantineEnvelope, 'original'>;

/** Smallest room for data that is worth a part; less is left only when the head of the envelope is absurdly large. */
const MIN_PART_BYTES = 65_536;

const gzipped = promisify(gzip);

/**
 * The message bodies that keep a refused message whole: nearly always one; several with the same `id` when even the compressed
 * message is over the limit of SQS. Rejects with QuarantineFailedError when the reasons alone are over it.
 */
export async function packRefusal(refusal: Refusal, now: number): Promise<string[]> {
  const head = headOf(refusal, now);
  const original = { body: refusal.message.body, attributes: [...refusal.message.messageAttributes] };
  const plain = envelopeJson(head, { encoding: 'plain', message: original });
  if (utf8Bytes(plain) <= MAX_BODY_BYTES) return [plain];
  const data = await compress(original);
  const compressed = envelopeJson(head, { encoding: 'gzip', data });
  if (utf8Bytes(compressed) <= MAX_BODY_BYTES) return [compressed];
  return packParts(head, data);
}

function packParts(head: EnvelopeHead, data: string): string[] {
  const emptyPart = { encoding: 'gzip_part', part: 0, parts: 2, data: '' } as const;
  const room = MAX_BODY_BYTES - utf8Bytes(envelopeJson(head, emptyPart)) - 64;
  if (room < MIN_PART_BYTES) {
    throw new QuarantineFailedError(head.message_id, 'its reasons are larger than a message may be', false);
  }
  const parts = Math.ceil(data.length / room);
  return Array.from({ length: parts }, (_, part) => {
    const slice = data.slice(part * room, (part + 1) * room);
    return envelopeJson(head, { encoding: 'gzip_part', part, parts, data: slice });
  });
}

async function compress(original: OriginalMessage): Promise<string> {
  const bytes = await gzipped(Buffer.from(JSON.stringify(original), 'utf8'));
  return bytes.toString('base64');
}

function envelopeJson(head: EnvelopeHead, original: PackedOriginal): string {
  return sqsJson({ ...head, original } satisfies QuarantineEnvelope);
}

function headOf({ message, stage, rejects, context }: Refusal, now: number): EnvelopeHead {
  const reasons = countReasons(rejects);
  const { sentAt, firstReceivedAt, receiveCount, messageGroupId } = message.attributes;
  const messageId = message.redriven?.messageId ?? message.messageId;
  return {
    v: 1,
    id: envelopeId(messageId, message),
    quarantined_at: now,
    stage,
    reasons: Object.fromEntries(reasons),
    summary: summaryOf(reasons),
    rejects_total: rejects.length,
    rejects: rejects.slice(0, LISTED_REJECTS).map(listedReject),
    context: { ...context },
    message_id: messageId,
    ...(message.redriven === undefined ? {} : { redrive_id: message.redriven.runId }),
    sent_at: sentAt,
    ...(firstReceivedAt === undefined ? {} : { first_received_at: firstReceivedAt }),
    receive_count: receiveCount,
    ...(messageGroupId === undefined ? {} : { message_group_id: messageGroupId }),
    ...(message.deviceAgriId === undefined ? {} : { device_agri_id: shortened(message.deviceAgriId) }),
  };
}

/** Of what the message says, not only of its name: nothing that differs may pass for a copy, whatever id a sender writes into a mark. */
function envelopeId(messageId: string, { body, messageAttributes }: ReceivedMessage): string {
  const attributes = messageAttributes
    .filter(({ name }) => name !== REDRIVE_ATTRIBUTE)
    .map(({ name, type, value }) => [name, type, value])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const hash = createHash('sha256')
    .update(JSON.stringify([messageId, attributes]))
    .update('\n')
    .update(body);
  return hash.digest('hex').slice(0, 32);
}

/** Reasons with their numbers, most frequent first. */
function countReasons(rejects: readonly Reject[]): [RejectReason, number][] {
  const counts = new Map<RejectReason, number>();
  for (const { reason } of rejects) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function summaryOf(reasons: readonly [RejectReason, number][]): string {
  return reasons.map(([reason, times]) => `${times} × ${reason}: ${REJECT_REASONS[reason]}`).join(' ');
}

function listedReject({
  reason,
  message,
  path,
  agriId,
  received,
}: Reject): QuarantineEnvelope['rejects'][number] {
  return {
    reason,
    message: shortened(message),
    path: shortened(path),
    ...(agriId === undefined ? {} : { agri_id: shortened(agriId) }),
    ...(received === undefined ? {} : { received: shortened(received) }),
  };
}

function shortened(text: string): string {
  return text.length <= LISTED_TEXT_LENGTH ? text : `${text.slice(0, LISTED_TEXT_LENGTH - 1)}…`;
}
