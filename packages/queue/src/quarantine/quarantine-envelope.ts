import { z } from 'zod';

/**
 * Where in the pipeline a message or its readings were refused; `mixed` when readings of one message were refused at different
 * stages.
 */
export const QUARANTINE_STAGES = ['parse', 'authorize', 'decode', 'time', 'write', 'mixed'] as const;
export type QuarantineStage = (typeof QUARANTINE_STAGES)[number];

/** How many rejects an envelope lists; the rest is only counted. */
export const LISTED_REJECTS = 100;

/** Longest text of a listed reject, in characters. */
export const LISTED_TEXT_LENGTH = 300;

/** More parts than any message of SQS can come to; an envelope that speaks of more is not one of ours. */
const MAX_PARTS = 1_000;

const count = z.int().min(0);
const epochMs = z.int().min(0);

/** A message as it was received: what is needed to send it again. */
export const originalMessageSchema = z.object({
  body: z.string(),
  /** `value` is base64 when `type` begins with `Binary`. */
  attributes: z.array(z.object({ name: z.string(), type: z.string(), value: z.string() })),
});

export type OriginalMessage = z.output<typeof originalMessageSchema>;

/**
 * The original message inside an envelope: as it is; or, when that is over the limit of SQS, as base64 of the gzip of its JSON; or,
 * when that is over the limit too, one of several slices of that base64 text, in envelopes of the same `id`.
 */
const packedOriginalSchema = z.discriminatedUnion('encoding', [
  z.object({ encoding: z.literal('plain'), message: originalMessageSchema }),
  z.object({ encoding: z.literal('gzip'), data: z.string() }),
  z.object({
    encoding: z.literal('gzip_part'),
    part: z
      .int()
      .min(0)
      .max(MAX_PARTS - 1),
    parts: z.int().min(2).max(MAX_PARTS),
    data: z.string(),
  }),
]);

/**
 * The body of a message on the quarantine queue, JSON. Reason codes stay open text here, so that an envelope written by a newer or
 * older release can be read.
 */
export const quarantineEnvelopeSchema = z.object({
  v: z.literal(1, 'v is 1, the only version of the quarantine envelope'),
  /** The same for all parts, and for every time the same message is quarantined. */
  id: z.string().min(1),
  quarantined_at: epochMs,
  stage: z.enum(QUARANTINE_STAGES),
  /** How many rejects for each reason. */
  reasons: z.record(z.string(), count),
  /** One line for people: the reasons with their sentences, most frequent first. */
  summary: z.string(),
  rejects_total: count,
  /** The first {@link LISTED_REJECTS} rejects, their texts shortened. */
  rejects: z.array(
    z.object({
      reason: z.string(),
      message: z.string(),
      path: z.string(),
      agri_id: z.string().optional(),
      received: z.string().optional(),
    }),
  ),
  context: z.record(z.string(), z.string()),
  /** SQS's id of the message as it came first; a redrive does not change it. */
  message_id: z.string(),
  /** The redrive that sent it again and from which it came back. */
  redrive_id: z.string().optional(),
  sent_at: epochMs,
  first_received_at: epochMs.optional(),
  receive_count: count,
  message_group_id: z.string().optional(),
  device_agri_id: z.string().optional(),
  original: packedOriginalSchema,
});

export type QuarantineEnvelope = z.output<typeof quarantineEnvelopeSchema>;
export type PackedOriginal = QuarantineEnvelope['original'];
