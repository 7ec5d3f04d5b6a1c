import { parseJsonExact, type RejectReason, shorten } from '@furrow/contracts';
import {
  decodeFrameBytes,
  decodeValue,
  type FrameAnswer,
  type FrameQuery,
  type ValueAnswer,
  type ValueQuery,
} from '@furrow/decoding';
import { type Line, MAX_LINE_BYTES } from './line-splitter.ts';

/** What is answered to a line that is no query. */
interface LineFailure {
  readonly ok: false;
  readonly reason: RejectReason;
  readonly message: string;
}

export type LineAnswer = ValueAnswer | FrameAnswer | LineFailure;

/** Also leaves out a byte order mark, which some shells put before the first line. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Answers one line of `furrow decode`: a value (`hex`) or a frame (`frame`). Never throws. */
export function decodeLine(line: Line): LineAnswer {
  if (!line.ok)
    return malformed(`the line has ${line.length} bytes, more than the ${MAX_LINE_BYTES} of the limit`);
  const json = parseLine(line.bytes);
  if (!json.ok) return json;
  const query = json.value;
  if (typeof query !== 'object' || query === null || Array.isArray(query)) {
    return { ok: false, reason: 'schema_invalid', message: `a line is an object, not ${shorten(query)}` };
  }
  const fields = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== null));
  const isValue = 'hex' in fields;
  const isFrame = 'frame' in fields;
  if (isValue === isFrame) {
    const both = isValue ? ', not both' : '';
    return {
      ok: false,
      reason: 'decode_failed',
      message: `a line has hex (one value) or frame (one frame)${both}`,
    };
  }
  // Whatever the fields are: both decoders check every one.
  return isFrame
    ? decodeFrameBytes(fields as unknown as FrameQuery)
    : decodeValue(fields as unknown as ValueQuery);
}

function parseLine(bytes: Uint8Array): { readonly ok: true; readonly value: unknown } | LineFailure {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return malformed('the line is not UTF-8');
  }
  if (text.trim() === '') return malformed('the line is empty');
  try {
    return { ok: true, value: parseJsonExact(text) };
  } catch (error) {
    return malformed(error instanceof Error ? error.message : String(error));
  }
}

function malformed(message: string): LineFailure {
  return { ok: false, reason: 'malformed_json', message };
}
