import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { formatIssues, schemaIssues } from '@furrow/contracts';
import { QuarantineUnreadableError } from '../errors.ts';
import { MAX_MESSAGE_BYTES } from '../sqs-limits.ts';
import {
  type OriginalMessage,
  originalMessageSchema,
  type QuarantineEnvelope,
  quarantineEnvelopeSchema,
} from './quarantine-envelope.ts';

/** The JSON of a message of 1 MiB in which every character needs a `\u` escape, with its framework. */
const MAX_UNPACKED_BYTES = 7 * MAX_MESSAGE_BYTES;

const gunzipped = promisify(gunzip);

/** Reads a body from the quarantine queue. Throws QuarantineUnreadableError, which names the broken rule. */
export function readQuarantineEnvelope(body: string): QuarantineEnvelope {
  const json = parseJson(body);
  const parsed = quarantineEnvelopeSchema.safeParse(json);
  if (!parsed.success) throw new QuarantineUnreadableError(formatIssues(schemaIssues(parsed.error, json)));
  return parsed.data;
}

/**
 * The message as it was received, out of the envelopes that share one `id`, in any order and with repetitions. Rejects with
 * QuarantineUnreadableError when a part is missing or something does not fit.
 */
export async function readOriginalMessage(
  envelopes: readonly QuarantineEnvelope[],
): Promise<OriginalMessage> {
  const ids = new Set(envelopes.map((envelope) => envelope.id));
  if (ids.size !== 1) throw new QuarantineUnreadableError(`expected one id, received ${ids.size}`);
  const slices = new Map<number, string>();
  let parts = 0;
  for (const { original } of envelopes) {
    if (original.encoding === 'plain') return original.message;
    if (original.encoding === 'gzip') return unpack(original.data);
    parts = original.parts;
    slices.set(original.part, original.data);
  }
  const ordered = Array.from({ length: parts }, (_, part) => slices.get(part));
  const missing = ordered.filter((slice) => slice === undefined).length;
  if (missing > 0) throw new QuarantineUnreadableError(`${missing} of ${parts} parts are missing`);
  return unpack(ordered.join(''));
}

async function unpack(data: string): Promise<OriginalMessage> {
  let json: unknown;
  try {
    const bytes = await gunzipped(Buffer.from(data, 'base64'), { maxOutputLength: MAX_UNPACKED_BYTES });
    json = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new QuarantineUnreadableError('the compressed message is damaged', { cause: error });
  }
  const parsed = originalMessageSchema.safeParse(json);
  if (!parsed.success) throw new QuarantineUnreadableError(formatIssues(schemaIssues(parsed.error, json)));
  return parsed.data;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new QuarantineUnreadableError('the body is not JSON', { cause: error });
  }
}
