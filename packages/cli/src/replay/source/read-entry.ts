import { DEVICE_ATTRIBUTE, readOriginalMessage, readQuarantineEnvelope } from '@furrow/queue';
import { z } from 'zod';
import type { SourceEntry, SourceMessage } from './source-message.ts';

const attributeListSchema = z.array(z.object({ name: z.string(), type: z.string(), value: z.string() }));

/** A message with what lay beside it: as `furrow quarantine discard --to` writes it, or by hand with plain text attributes. */
const archivedSchema = z.object({
  body: z.union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())]),
  messageAttributes: attributeListSchema.optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
});

/** System attributes under `attributes` of an archived message that are no message attributes. */
const GROUP_KEY = 'messageGroupId';

/**
 * Reads one recorded thing: an uplink of either form, `{"body":…,"attributes":{…}}`, an archived message, or an envelope of the
 * quarantine, whose original message it gives. An uplink is not looked into: replaying what is bad is part of the job. Only text that
 * is no JSON, and what cannot be unwrapped, is a problem. Never throws.
 */
export async function readEntry(text: string, where: string): Promise<SourceEntry> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { ok: false, where, problem: `not JSON: ${error instanceof Error ? error.message : error}` };
  }
  if (isObject(json) && 'original' in json && 'rejects_total' in json) return await unwrap(text, where);
  if (isObject(json) && 'body' in json) return await readArchived(json, where);
  if (isObject(json) || Array.isArray(json)) return { ok: true, message: plainMessage(text, where) };
  return { ok: false, where, problem: 'neither an object nor an array' };
}

async function readArchived(json: object, where: string): Promise<SourceEntry> {
  const parsed = archivedSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, where, problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
  }
  const { body, messageAttributes, attributes = {} } = parsed.data;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  if (text.includes('"rejects_total"') && text.includes('"original"')) return await unwrap(text, where);
  const listed = messageAttributes ?? textAttributes(attributes);
  const group = attributes[GROUP_KEY];
  const groupId = typeof group === 'string' ? group : undefined;
  return { ok: true, message: messageOf(text, listed, where, groupId) };
}

/** Attributes written by hand: `{"device_agri_id": "d-1000-abcd"}`. */
function textAttributes(attributes: Readonly<Record<string, unknown>>): SourceMessage['attributes'] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    typeof value === 'string' && name !== GROUP_KEY ? [{ name, type: 'String', value }] : [],
  );
}

async function unwrap(text: string, where: string): Promise<SourceEntry> {
  try {
    const envelope = readQuarantineEnvelope(text);
    const { body, attributes } = await readOriginalMessage([envelope]);
    return { ok: true, message: messageOf(body, attributes, where, envelope.message_group_id) };
  } catch (error) {
    return { ok: false, where, problem: error instanceof Error ? error.message : String(error) };
  }
}

function messageOf(
  body: string,
  attributes: SourceMessage['attributes'],
  where: string,
  groupId: string | undefined,
): SourceMessage {
  const device = attributes.find(({ name }) => name === DEVICE_ATTRIBUTE)?.value;
  return { body, attributes, device, where, groupId };
}

function plainMessage(body: string, where: string): SourceMessage {
  return { body, attributes: [], device: undefined, where };
}

function isObject(json: unknown): json is object {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
