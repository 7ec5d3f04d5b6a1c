import { z } from 'zod';
import { type AgriId, agriIdSchema } from './agri-id.ts';
import { addressSchema, modbusTypeSchema, unitSchema } from './factor.ts';
import { parseJsonExact } from './json.ts';
import type { RejectReason } from './reject.ts';
import { type SchemaIssue, schemaIssues, shorten } from './schema-issue.ts';

/** How the bytes of a frame are wrapped: RTU with CRC, TCP with MBAP header, the bare PDU, or the data bytes alone. */
export const FRAMINGS = ['rtu', 'tcp', 'pdu', 'registers'] as const;
export type Framing = (typeof FRAMINGS)[number];

/** Longest accepted `hex` of an item, in characters: 125 registers. */
export const RAW_HEX_MAX_LENGTH = 500;
/** Longest accepted `hex` of a frame, in characters: one Modbus TCP frame (260 bytes) with room for noise around it. */
export const FRAME_HEX_MAX_LENGTH = 4096;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const DECIMAL_MAX_LENGTH = 64;
/** Text that spells a number which is none; it passes the schema so that it is counted as `not_finite`. */
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

const hexSchema = (maxLength: number) =>
  z
    .string('hex is text')
    .max(maxLength, `hex has at most ${maxLength} characters`)
    .regex(/^(?:[0-9a-fA-F]{2})+$/, 'hex is one or more bytes of two hexadecimal digits each');

/** A reading as it stands in an item; null is a failed reading. Infinity is what JSON text such as 1e400 parses to. */
export type Reading = number | boolean | string | null;

const readingSchema = z.custom<Reading>(
  isReading,
  'a value is a number, a boolean, null, or a number as decimal text',
);

function isReading(value: unknown): value is Reading {
  if (typeof value === 'string') {
    return value.length <= DECIMAL_MAX_LENGTH && (DECIMAL.test(value) || NOT_FINITE.test(value));
  }
  return typeof value === 'number' || typeof value === 'boolean' || value === null;
}

/** Public names of an organization and of a project (`yanji-lab`, `greenhouse-alpha`). */
export const slugSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    'a slug has 1 to 64 letters, digits, "_" or "-", the first a letter or digit',
  );

/** `t` is checked by the pipeline, where a bad one is counted as `bad_timestamp`. */
const timeSchema = z.unknown();

/**
 * One entry of an uplink as producers write it: a reading under `value` (some write `v`), or register bytes under `raw`.
 * Unknown keys are ignored.
 */
export const itemSchema = z
  .object({
    agri_id: agriIdSchema,
    value: readingSchema.optional(),
    v: readingSchema.optional(),
    raw: hexSchema(RAW_HEX_MAX_LENGTH).optional(),
    t: timeSchema.optional(),
    scaled: z.boolean('scaled is true or false').optional(),
    org_id: slugSchema.optional(),
  })
  .superRefine((item, context) => {
    const given = [item.value, item.v, item.raw].filter((field) => field !== undefined).length;
    if (given !== 1) {
      context.addIssue({
        code: 'custom',
        path: ['value'],
        message: 'an item carries exactly one of value, v and raw',
      });
    }
  });

/** One entry of an uplink: either `reading` or `raw` (hex of the register bytes as on the wire) is there. */
export interface Item {
  readonly agriId: AgriId;
  readonly reading: Reading | undefined;
  readonly raw: string | undefined;
  /** The time as the producer wrote it; undefined when there is none. */
  readonly t: unknown;
  /** True when the gateway scaled the reading already; undefined leaves it to the device's setting. */
  readonly scaled: boolean | undefined;
  /** The organization that the item claims, where a flat form names one. */
  readonly orgId: string | undefined;
}

/** Raw Modbus bytes in an uplink: the answer to a read of `modbus_type` that began at `address`. */
export const frameSchema = z.object({
  unit: unitSchema,
  modbus_type: modbusTypeSchema,
  address: addressSchema,
  framing: z.enum(FRAMINGS, `framing is one of ${FRAMINGS.join(', ')}`),
  hex: hexSchema(FRAME_HEX_MAX_LENGTH),
  t: timeSchema.optional(),
});

export type Frame = z.output<typeof frameSchema>;

/** A wall-clock time in milliseconds since 1970 UTC: 13 digits. */
const epochMsSchema = z
  .int('received_at is 13-digit UTC milliseconds')
  .min(1e12, 'received_at is 13-digit UTC milliseconds')
  .max(1e13 - 1, 'received_at is 13-digit UTC milliseconds');

/** Most items, and most frames, in one message: more than fit 1 MiB in any useful form, few enough to be judged in a moment. */
export const MAX_ENTRIES = 50_000;

/** A list of items or frames. Its entries are not looked into, nor copied. */
export const entryListSchema = (name: string) =>
  z.custom<readonly unknown[]>(
    (list) => Array.isArray(list) && list.length <= MAX_ENTRIES,
    `${name} is an array of at most ${MAX_ENTRIES} entries`,
  );

/**
 * The envelope of a queued message. Its items and frames stay unknown here and are parsed one by one, so that a bad one
 * costs nothing but itself.
 */
export const uplinkSchema = z
  .object({
    v: z.literal(1, 'v is 1, the only version of the uplink form'),
    org_id: slugSchema,
    project_id: slugSchema,
    device: agriIdSchema,
    received_at: epochMsSchema,
    items: entryListSchema('items').default([]),
    frames: entryListSchema('frames').default([]),
  })
  .refine(
    (uplink) => uplink.items.length + uplink.frames.length > 0,
    'an uplink has at least one item or frame',
  );

const flatItemsSchema = entryListSchema('a message').refine(
  (items) => items.length > 0,
  'an uplink has at least one item',
);

/** An uplink as it is written on the queue. */
export type UplinkMessage = z.input<typeof uplinkSchema>;

/** A parsed envelope of either accepted form. */
export interface Uplink {
  /** The organization that the message claims; undefined for a flat form, whose items may each name one. */
  readonly orgId: string | undefined;
  /** The device that sent it; undefined when a flat form names none, and each item's owner is to be looked up. */
  readonly device: AgriId | undefined;
  /** Milliseconds since 1970 UTC. The version of its points, and the time of items that have none. */
  readonly receivedAt: number;
  readonly items: readonly unknown[];
  readonly frames: readonly unknown[];
}

/** What the queue says about a message beside its body. */
export interface UplinkSource {
  /** The message attribute `device_agri_id`, which names the device of a flat form. */
  readonly deviceAgriId?: string | undefined;
  /** When the queue took the message, milliseconds since 1970 UTC: what a flat form uses for `received_at`. */
  readonly sentAt: number;
}

export type ParseResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: RejectReason; readonly issues: readonly SchemaIssue[] };

/**
 * Parses a message body of either form: the envelope (`{"v":1,…}`) or the flat form (a bare array of enriched items). Items
 * and frames are not looked into. Fails with `malformed_json` or `schema_invalid`; never throws.
 */
export function parseUplink(body: string, source: UplinkSource): ParseResult<Uplink> {
  let json: unknown;
  try {
    json = JSON.parse(body);
    if (holdsUnsafeInteger(json)) json = parseJsonExact(body);
  } catch (error) {
    const rule = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: 'malformed_json', issues: [{ path: '', rule, received: shorten(body) }] };
  }
  return Array.isArray(json) ? parseFlat(json, source) : parseEnvelope(json);
}

/** Parses one entry of `uplink.items`. `path` says where it stood, for messages. */
export function parseItem(json: unknown, path: string): ParseResult<Item> {
  const parsed = itemSchema.safeParse(json);
  if (!parsed.success) return invalid(parsed.error, json, path);
  const { agri_id, value, v, raw, t, scaled, org_id } = parsed.data;
  const reading = value === undefined ? v : value;
  return { ok: true, value: { agriId: agri_id, reading, raw, t: t ?? undefined, scaled, orgId: org_id } };
}

/** Parses one entry of `uplink.frames`. `path` says where it stood, for messages. */
export function parseFrame(json: unknown, path: string): ParseResult<Frame> {
  const parsed = frameSchema.safeParse(json);
  return parsed.success ? { ok: true, value: parsed.data } : invalid(parsed.error, json, path);
}

/** True when a reading may have been an integer literal beyond 2^53, which JSON.parse has rounded: then the text is read again. */
function holdsUnsafeInteger(json: unknown): boolean {
  const items: unknown = Array.isArray(json) ? json : Object(json).items;
  return Array.isArray(items) && items.some((item) => isUnsafe(item?.value) || isUnsafe(item?.v));
}

function isUnsafe(reading: unknown): boolean {
  return typeof reading === 'number' && Math.abs(reading) > Number.MAX_SAFE_INTEGER;
}

function parseEnvelope(json: unknown): ParseResult<Uplink> {
  const parsed = uplinkSchema.safeParse(json);
  if (!parsed.success) return invalid(parsed.error, json, '');
  const { org_id, device, received_at, items, frames } = parsed.data;
  return { ok: true, value: { orgId: org_id, device, receivedAt: received_at, items, frames } };
}

function parseFlat(json: readonly unknown[], source: UplinkSource): ParseResult<Uplink> {
  const parsedItems = flatItemsSchema.safeParse(json);
  if (!parsedItems.success) return invalid(parsedItems.error, json, '');
  const items = parsedItems.data;
  let device: AgriId | undefined;
  if (source.deviceAgriId !== undefined) {
    const parsed = agriIdSchema.safeParse(source.deviceAgriId);
    if (!parsed.success)
      return invalid(parsed.error, source.deviceAgriId, 'message attribute device_agri_id');
    device = parsed.data;
  }
  return { ok: true, value: { orgId: undefined, device, receivedAt: source.sentAt, items, frames: [] } };
}

function invalid(error: z.ZodError, json: unknown, path: string): Extract<ParseResult<never>, { ok: false }> {
  return { ok: false, reason: 'schema_invalid', issues: schemaIssues(error, json, path) };
}
