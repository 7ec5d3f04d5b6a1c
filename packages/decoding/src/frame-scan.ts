import { crc16 } from './crc16.ts';
import {
  answerBytes,
  CRC_BYTES,
  type DataFrame,
  type FrameFailure,
  MAX_RTU_BYTES,
  MBAP_BYTES,
  MBAP_LENGTH_FROM,
  MIN_RTU_BYTES,
  parsePdu,
  pduLength,
  type ReadRequest,
  requestOf,
} from './modbus-frame.ts';
import { isExceptionCode, WRITE_FUNCTIONS } from './modbus-function.ts';

/** One stretch of a stream of bytes, `bytes[start]` up to, not including, `bytes[end]`. */
export type FramePart = { readonly start: number; readonly end: number } & (
  | { readonly what: 'answer'; readonly frame: DataFrame }
  /** An exception, or the acknowledgement of a write. */
  | { readonly what: 'other'; readonly frame: FrameFailure }
  /** The read request itself: half-duplex adapters hear what they send. */
  | { readonly what: 'request'; readonly unit: number; readonly request: ReadRequest }
  /** Printable characters that belong to no frame, such as `+ERROR` or the heartbeat of a gateway. */
  | { readonly what: 'text' }
  | { readonly what: 'noise' }
);

/** The framings whose frames can be told from the bytes around them. */
export type ScannedFraming = 'rtu' | 'tcp';

/** The most bytes that are searched for frames: the longest `hex` of an uplink's frame is half as long. */
export const MAX_SCAN_BYTES = 4096;

/**
 * Finds the frames in a stream of bytes, in order. The parts join without a gap and cover every byte. A frame counts when its checksum
 * (RTU) or its header and byte count (TCP) are right; the search goes on behind it, and one byte on where there is none.
 */
export function scanFrames(bytes: Uint8Array, framing: ScannedFraming): FramePart[] {
  const partAt = framing === 'rtu' ? rtuPartAt : tcpPartAt;
  const parts: FramePart[] = [];
  let start = 0;
  let rest = 0;
  while (start < bytes.length) {
    const part = partAt(bytes, start);
    if (part === undefined) {
      start += 1;
      continue;
    }
    if (rest < start) parts.push(restPart(bytes, rest, start));
    parts.push(part);
    start = part.end;
    rest = start;
  }
  if (rest < start) parts.push(restPart(bytes, rest, start));
  return parts.map((part, at) => asRequest(part, parts[at + 1], bytes, framing));
}

function rtuPartAt(bytes: Uint8Array, start: number): FramePart | undefined {
  const rest = bytes.subarray(start, start + MAX_RTU_BYTES);
  if (rest.length < MIN_RTU_BYTES) return undefined;
  const unit = new DataView(bytes.buffer, bytes.byteOffset).getUint8(start);
  const pdu = rest.subarray(1);
  for (const length of [pduLength(pdu), REQUEST_BYTES]) {
    if (length === undefined) return undefined;
    const size = 1 + length + CRC_BYTES;
    if (size > rest.length || crc16(rest, 0, size) !== 0) continue;
    const part = framePart(pdu.subarray(0, length), unit, start, start + size);
    if (part) return part;
  }
  return undefined;
}

const REQUEST_BYTES = 5;
const SHORTEST_TCP_LENGTH = 3;
const LONGEST_TCP_LENGTH = 254;

function tcpPartAt(bytes: Uint8Array, start: number): FramePart | undefined {
  if (bytes.length - start <= MBAP_BYTES) return undefined;
  const header = new DataView(bytes.buffer, bytes.byteOffset + start, MBAP_BYTES);
  const length = header.getUint16(4);
  const end = start + MBAP_LENGTH_FROM + length;
  if (header.getUint16(2) !== 0 || length < SHORTEST_TCP_LENGTH || length > LONGEST_TCP_LENGTH)
    return undefined;
  if (end > bytes.length) return undefined;
  return framePart(bytes.subarray(start + MBAP_BYTES, end), header.getUint8(6), start, end);
}

/** The frame around a PDU of a known function; undefined when its form is wrong. */
function framePart(pdu: Uint8Array, unit: number, start: number, end: number): FramePart | undefined {
  const frame = parsePdu(pdu, unit);
  if (frame.ok) return { what: 'answer', frame, start, end };
  if (isSound(frame)) return { what: 'other', frame, start, end };
  const request = requestOf(pdu);
  return request && { what: 'request', unit, request, start, end };
}

/** Among noise an exception is short enough to come about by chance: it counts when its code is one of the specification. */
function isSound({ reason, exceptionCode, function: code }: FrameFailure): boolean {
  if (reason === 'frame_exception') return isExceptionCode(exceptionCode);
  return reason === 'frame_function' && WRITE_FUNCTIONS.some((write) => write === code);
}

/**
 * An answer of three bytes of bits has the form of a request for bits at 0x0300 and above. It is one when the answer to just
 * that request follows.
 */
function asRequest(
  part: FramePart,
  next: FramePart | undefined,
  bytes: Uint8Array,
  framing: ScannedFraming,
): FramePart {
  if (part.what !== 'answer' || next?.what !== 'answer') return part;
  const { unit, function: code } = part.frame;
  if (unit === undefined || next.frame.unit !== unit || next.frame.function !== code) return part;
  const pdu =
    framing === 'rtu'
      ? bytes.subarray(part.start + 1, part.end - CRC_BYTES)
      : bytes.subarray(part.start + MBAP_BYTES, part.end);
  const request = requestOf(pdu);
  if (request === undefined || answerBytes(request) !== next.frame.data.length) return part;
  return { what: 'request', unit, request, start: part.start, end: part.end };
}

function restPart(bytes: Uint8Array, start: number, end: number): FramePart {
  const isText = bytes
    .subarray(start, end)
    .every((byte) => (byte >= 0x20 && byte < 0x7f) || LINE_ENDS.includes(byte));
  return { what: isText ? 'text' : 'noise', start, end };
}

const LINE_ENDS: readonly number[] = [0x09, 0x0a, 0x0d];
