import type { Framing } from '@furrow/contracts';
import { shorten } from '@furrow/contracts';
import { type FramePart, MAX_SCAN_BYTES, scanFrames } from './frame-scan.ts';
import { formatHex } from './hex.ts';
import {
  type DataFrame,
  type FrameFailure,
  malformed,
  parseModbusFrame,
  type ReadRequest,
} from './modbus-frame.ts';

/** A read request whose echo stands among the bytes. */
export interface EchoedRequest extends ReadRequest {
  readonly unit: number;
}

/** The answers in a stream of bytes, or why there is none. */
export type FoundAnswers =
  | {
      readonly ok: true;
      /** At least one; the same answer twice stands once. */
      readonly answers: readonly DataFrame[];
      /** Exceptions and write acknowledgements beside them. */
      readonly others: readonly FrameFailure[];
      readonly requests: readonly EchoedRequest[];
      /** What else stands in the bytes, in words and in order; empty when the bytes are one answer. */
      readonly skipped: readonly string[];
    }
  | FrameFailure;

/**
 * Finds the answers among bytes that may hold more than one: glued frames, noise, text, echoes of the request. The framings `pdu`
 * and `registers` carry no mark to find a frame by: their bytes are one answer or none.
 */
export function findAnswers(bytes: Uint8Array, framing: Framing, kind: DataFrame['kind']): FoundAnswers {
  const whole = parseModbusFrame(bytes, framing, kind);
  if (whole.ok) return { ok: true, answers: [whole], others: [], requests: [], skipped: [] };
  if (framing === 'pdu' || framing === 'registers' || isUnderstood(whole)) return whole;
  if (bytes.length > MAX_SCAN_BYTES) return whole;
  const parts = scanFrames(bytes, framing);
  const answers = distinct(parts.filter((part) => part.what === 'answer').map(({ frame }) => frame));
  const others = parts.filter((part) => part.what === 'other').map(({ frame }) => frame);
  const requests = parts.filter((part) => part.what === 'request');
  if (answers.length === 0) return others[0] ?? unreadable(whole, parts, bytes);
  return {
    ok: true,
    answers,
    others,
    requests: requests.map(({ unit, request }) => ({ ...request, unit })),
    skipped: parts.filter((part) => part.what !== 'answer').map((part) => describe(part, bytes)),
  };
}

/** True for one sound frame that carries no data. */
function isUnderstood({ reason }: FrameFailure): boolean {
  return reason === 'frame_exception' || reason === 'frame_function';
}

function distinct(frames: readonly DataFrame[]): DataFrame[] {
  const byContent = new Map(
    frames.map((frame) => [`${frame.unit} ${frame.function} ${formatHex(frame.data)}`, frame]),
  );
  return [...byContent.values()];
}

/** The failure of bytes without a frame, naming what they are where that is clearer than what they are not. */
function unreadable(whole: FrameFailure, parts: readonly FramePart[], bytes: Uint8Array): FrameFailure {
  const request = parts.find((part) => part.what === 'request');
  if (request) return malformed(`the bytes hold ${describe(request, bytes)}, not its answer`, request.unit);
  const [only] = parts;
  if (only?.what === 'text') return malformed(`the bytes are ${describe(only, bytes)}, not a frame`);
  return whole;
}

/** How many bytes of noise a message shows. */
const SHOWN_BYTES = 16;

/** A part that is no answer, in words. */
function describe(part: Exclude<FramePart, { what: 'answer' }>, bytes: Uint8Array): string {
  const own = bytes.subarray(part.start, part.end);
  switch (part.what) {
    case 'other':
      return `a frame without readings: ${part.frame.message}`;
    case 'request': {
      const { function: code, count, address } = part.request;
      return `the request to unit ${part.unit} (function ${code}, ${count} from address ${address})`;
    }
    case 'text':
      return `the text ${shorten(String.fromCharCode(...own))}`;
    case 'noise': {
      const more = own.length > SHOWN_BYTES ? '…' : '';
      return `noise of ${own.length} bytes (${formatHex(own.subarray(0, SHOWN_BYTES))}${more})`;
    }
  }
}
