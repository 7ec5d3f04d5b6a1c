import type { Frame } from '@furrow/contracts';
import { type DecodeFailure, failed } from './decoded.ts';
import type { FoundAnswers } from './frame-answer.ts';
import { answerBytes, type DataFrame } from './modbus-frame.ts';
import { READ_FUNCTIONS } from './modbus-function.ts';

/** The answer that a frame of an uplink carries. */
export type MatchedAnswer =
  | {
      readonly ok: true;
      readonly frame: DataFrame;
      /** How many registers or bits were asked for, where an echo of the request says so. */
      readonly count: number | undefined;
      readonly skipped: readonly string[];
    }
  | DecodeFailure;

type Asked = Pick<Frame, 'unit' | 'modbus_type' | 'address'>;

interface Answered {
  readonly unit?: number | undefined;
  readonly function?: number | undefined;
}

/** True when what the bytes say of unit and function, where they say it, is what was asked. */
export function isAnswerOf(asked: Pick<Asked, 'unit' | 'modbus_type'>, answered: Answered): boolean {
  const code = READ_FUNCTIONS[asked.modbus_type];
  return (answered.unit ?? asked.unit) === asked.unit && (answered.function ?? code) === code;
}

/** Picks, of the answers found in the bytes of a frame, the one that the frame says it is. */
export function matchAnswer(found: FoundAnswers, asked: Asked): MatchedAnswer {
  if (!found.ok) {
    const detail = found.exceptionCode === undefined ? '' : `exception ${found.exceptionCode}: `;
    return failed(found.reason, `${detail}${found.message}`);
  }
  const code = READ_FUNCTIONS[asked.modbus_type];
  const fits = (part: Answered): boolean => isAnswerOf(asked, part);
  const [frame, ...more] = found.answers.filter(fits);
  if (frame === undefined) return unmatched(found.answers, asked);
  if (more.length > 0 || found.others.some(fits)) {
    return failed(
      'frame_malformed',
      `several answers of unit ${asked.unit} to function ${code} stand in one frame`,
    );
  }
  const request = found.requests.find(fits);
  if (request === undefined) return { ok: true, frame, count: undefined, skipped: found.skipped };
  if (request.address !== asked.address) {
    return failed(
      'frame_unmatched',
      `the frame answers a read at address ${request.address}, not ${asked.address}`,
    );
  }
  if (answerBytes(request) !== frame.data.length) {
    return failed(
      'frame_malformed',
      `the request beside the answer asks for ${answerBytes(request)} data bytes, the answer has ${frame.data.length}`,
    );
  }
  return { ok: true, frame, count: request.count, skipped: found.skipped };
}

/** Why sound frames are not the answer that was asked for. */
function unmatched(answers: readonly DataFrame[], asked: Asked): DecodeFailure {
  const fromUnit = answers.find(({ unit }) => unit === undefined || unit === asked.unit);
  if (fromUnit === undefined) {
    const units = [...new Set(answers.map(({ unit }) => unit))].join(' and ');
    return failed('frame_unmatched', `unit ${units} answers, not unit ${asked.unit}`);
  }
  const code = READ_FUNCTIONS[asked.modbus_type];
  return failed(
    'frame_unmatched',
    `the frame answers function ${fromUnit.function}, a ${asked.modbus_type} is read by function ${code}`,
  );
}
