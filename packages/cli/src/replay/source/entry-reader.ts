import {
  DEVICE_ATTRIBUTE,
  EnvelopeParts,
  type GatheredParts,
  readOriginalMessage,
  readQuarantineEnvelope,
} from '@furrow/queue';
import { z } from 'zod';
import type { SourceEntry, SourceMessage } from './source-message.ts';

/** Longest text of one recorded thing, in bytes: a message of 1 MiB as text in JSON, each of its quotes escaped, and what lay beside it. */
export const MAX_ENTRY_BYTES = 3 * 1024 * 1024;

const attributeListSchema = z.array(z.object({ name: z.string(), type: z.string(), value: z.string() }));

/** A message with what lay beside it: as `furrow quarantine discard --to` writes it, or by hand with plain text attributes. */
const archivedSchema = z.object({
  body: z.union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())]),
  messageAttributes: attributeListSchema.optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
});

/** Of the places where the parts of a message stand, so many are named. */
const SHOWN_PLACES = 8;

/** System attributes under `attributes` of an archived message that are no message attributes. */
const GROUP_KEY = 'messageGroupId';

/**
 * Reads recorded things one after the other: an uplink of either form, `{"body":…,"attributes":{…}}`, an archived message, or an envelope of
 * the quarantine, whose original message it gives. An uplink is not looked into: replaying what is bad is part of the job. Only text that
 * is no JSON, and what cannot be unwrapped, is a problem. Never throws.
 *
 * A message that the quarantine keeps in several envelopes comes where the last of them stands; those before it wait here, 64 MiB at most.
 */
export class EntryReader {
  readonly #parts = new EnvelopeParts<string>();

  /** What stands at `where`; undefined for a part of a message of which others have yet to come. */
  async read(text: string, where: string): Promise<SourceEntry | undefined> {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      return { ok: false, where, problem: `not JSON: ${error instanceof Error ? error.message : error}` };
    }
    if (isObject(json) && 'original' in json && 'rejects_total' in json) return this.#unwrap(text, where);
    if (isObject(json) && 'body' in json) return this.#readArchived(json, where);
    if (isObject(json) || Array.isArray(json)) return { ok: true, message: plainMessage(text, where) };
    return { ok: false, where, problem: 'neither an object nor an array' };
  }

  /** The messages of which parts never came, as what is wrong with each. To be asked when the source is at its end. */
  async *incomplete(): AsyncGenerator<SourceEntry> {
    for (const gathered of this.#parts.incomplete()) yield await joined(gathered);
  }

  async #readArchived(json: object, where: string): Promise<SourceEntry | undefined> {
    const parsed = archivedSchema.safeParse(json);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return { ok: false, where, problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
    }
    const { body, messageAttributes, attributes = {} } = parsed.data;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    if (text.includes('"rejects_total"') && text.includes('"original"')) return this.#unwrap(text, where);
    const listed = messageAttributes ?? textAttributes(attributes);
    const group = attributes[GROUP_KEY];
    const groupId = typeof group === 'string' ? group : undefined;
    return { ok: true, message: messageOf(text, listed, where, groupId) };
  }

  async #unwrap(text: string, where: string): Promise<SourceEntry | undefined> {
    try {
      const gathered = this.#parts.add(readQuarantineEnvelope(text), where, text.length);
      return gathered && (await joined(gathered));
    } catch (error) {
      return { ok: false, where, problem: sentenceOf(error) };
    }
  }
}

/** The message that envelopes carry together, or why they do not. */
async function joined({ envelopes, from, noRoom }: GatheredParts<string>): Promise<SourceEntry> {
  const where = from.slice(0, SHOWN_PLACES).join(', ') + (from.length > SHOWN_PLACES ? ', …' : '');
  const [first] = envelopes;
  const named = (problem: string) => `${problem} (message ${first?.id.slice(0, 40)} of the quarantine)`;
  if (noRoom) return { ok: false, where, problem: named('too many parts wait for their others already') };
  try {
    const { body, attributes } = await readOriginalMessage(envelopes);
    return { ok: true, message: messageOf(body, attributes, where, first?.message_group_id) };
  } catch (error) {
    return { ok: false, where, problem: named(sentenceOf(error)) };
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Attributes written by hand: `{"device_agri_id": "d-1000-abcd"}`. */
function textAttributes(attributes: Readonly<Record<string, unknown>>): SourceMessage['attributes'] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    typeof value === 'string' && name !== GROUP_KEY ? [{ name, type: 'String', value }] : [],
  );
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
