import { FRAMINGS, type Framing, type RejectReason } from '@furrow/contracts';
import { type FoundAnswers, findAnswers } from './frame-answer.ts';
import { bitsOf, registersOf } from './frame-data.ts';
import { parseHex } from './hex.ts';
import type { DataFrame } from './modbus-frame.ts';

/** The bytes of a frame to decode, in hex. `framing` is `rtu` when it is left out. */
export interface FrameQuery {
  readonly frame: string;
  readonly framing?: Framing | undefined;
}

/** What one answer carries: registers as unsigned numbers, or bits from the first address on with the padding of the last byte. */
export interface ShownAnswer {
  readonly unit?: number;
  readonly function?: number;
  readonly registers?: readonly number[];
  readonly bits?: readonly boolean[];
}

export type FrameAnswer =
  | ({
      readonly ok: true;
      /** Every different answer, when the bytes hold several; the first of them also stands beside this list. */
      readonly answers?: readonly ShownAnswer[];
      /** What stands in the bytes beside the answers, in words; there when there is anything. */
      readonly skipped?: readonly string[];
    } & ShownAnswer)
  | {
      readonly ok: false;
      readonly reason: RejectReason;
      readonly unit?: number;
      readonly function?: number;
      readonly exception_code?: number;
      readonly message: string;
    };

/** Decodes the answers among the bytes of a frame, without factors. Never throws. */
export function decodeFrameBytes(query: FrameQuery): FrameAnswer {
  const { framing = 'rtu' } = query;
  const bytes = typeof query.frame === 'string' ? parseHex(query.frame) : undefined;
  if (!bytes) return malformed('frame is not made of bytes of two hexadecimal digits each');
  if (!FRAMINGS.includes(framing)) return malformed(`framing is one of ${FRAMINGS.join(', ')}`);
  const found = findAnswers(bytes, framing, 'registers');
  return found.ok ? show(found) : showFailure(found);
}

function malformed(message: string): FrameAnswer {
  return { ok: false, reason: 'frame_malformed', message };
}

function show({ answers, skipped }: FoundAnswers & { ok: true }): FrameAnswer {
  const shown = answers.map(showAnswer);
  return {
    ok: true,
    ...shown[0],
    ...(shown.length > 1 ? { answers: shown } : {}),
    ...(skipped.length > 0 ? { skipped } : {}),
  };
}

function showAnswer({ unit, function: code, kind, data }: DataFrame): ShownAnswer {
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(code === undefined ? {} : { function: code }),
    ...(kind === 'bits' ? { bits: bitsOf(data) } : { registers: registersOf(data) }),
  };
}

function showFailure({ exceptionCode, ...failure }: FoundAnswers & { ok: false }): FrameAnswer {
  const { ok, reason, message, ...where } = failure;
  const code = exceptionCode === undefined ? {} : { exception_code: exceptionCode };
  return { ok, reason, ...where, ...code, message };
}
