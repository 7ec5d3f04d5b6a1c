import type { UplinkMessage } from '@furrow/contracts';
import { ItemTooLargeError } from './errors.ts';
import { sqsJson, utf8Bytes } from './sqs-json.ts';
import { ATTRIBUTE_RESERVE_BYTES, BILLED_CHUNK_BYTES, MAX_MESSAGE_BYTES } from './sqs-limits.ts';

/** Bodies are packed up to this many UTF-8 bytes, so that a message with its attributes is one billed chunk. */
export const TARGET_BODY_BYTES = BILLED_CHUNK_BYTES - ATTRIBUTE_RESERVE_BYTES;

/** The largest body that is made at all, for a single item or frame that does not fit {@link TARGET_BODY_BYTES}. */
export const MAX_BODY_BYTES = MAX_MESSAGE_BYTES - ATTRIBUTE_RESERVE_BYTES;

type ListName = 'items' | 'frames';

/** One item or frame, already as JSON text. */
interface Piece {
  readonly list: ListName;
  readonly json: string;
  readonly bytes: number;
  readonly path: string;
}

/**
 * The message bodies for one uplink: JSON with the same envelope each, items and frames shared out over as few bodies as fit in
 * {@link TARGET_BODY_BYTES}, in their order, items first. An item too large for that has a body of its own. An uplink without
 * items and frames gives no body. Throws {@link ItemTooLargeError} for an item that fits no SQS message.
 */
export function packUplinks(uplink: UplinkMessage): string[] {
  const { items = [], frames = [], ...envelope } = uplink;
  const head = sqsJson(envelope).slice(0, -1);
  const frameworkBytes = utf8Bytes(head) + utf8Bytes(',"items":[],"frames":[]}');
  const bodies: string[] = [];
  let pieces: Piece[] = [];
  let bytes = frameworkBytes;
  for (const piece of [...piecesOf('items', items), ...piecesOf('frames', frames)]) {
    const alone = frameworkBytes + piece.bytes;
    if (alone > MAX_BODY_BYTES) throw new ItemTooLargeError(piece.path, alone, MAX_BODY_BYTES);
    if (pieces.length > 0 && bytes + piece.bytes + 1 > TARGET_BODY_BYTES) {
      bodies.push(bodyOf(head, pieces));
      pieces = [];
      bytes = frameworkBytes;
    }
    pieces.push(piece);
    bytes += piece.bytes + 1;
  }
  if (pieces.length > 0) bodies.push(bodyOf(head, pieces));
  return bodies;
}

function piecesOf(list: ListName, values: readonly unknown[]): Piece[] {
  return values.map((value, index) => {
    const json = sqsJson(value);
    return { list, json, bytes: utf8Bytes(json), path: `${list}[${index}]` };
  });
}

function bodyOf(head: string, pieces: readonly Piece[]): string {
  return `${head}${listOf('items', pieces)}${listOf('frames', pieces)}}`;
}

function listOf(list: ListName, pieces: readonly Piece[]): string {
  const members = pieces.filter((piece) => piece.list === list).map((piece) => piece.json);
  return members.length === 0 ? '' : `,"${list}":[${members.join(',')}]`;
}
