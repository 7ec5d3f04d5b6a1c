import { decodeFrameBytes, decodeValue } from '@furrow/decoding';
import { UsageError } from '../errors.ts';
import type { DecodeOptions } from './decode-command.ts';
import { parseFraming } from './framing.ts';
import { showFrame, showValue } from './show-answer.ts';
import { fieldsOf } from './value-flags.ts';

/** A table for people, and whether what they asked for could be decoded. */
export interface FlagAnswer {
  readonly lines: readonly string[];
  readonly ok: boolean;
}

/** Decodes the one value (`--hex`) or frame (`--frame`) of the flags. Throws {@link UsageError} for flags that do not go together. */
export function decodeFlags(options: DecodeOptions): FlagAnswer {
  const { hex, frame } = options;
  if (hex !== undefined && frame === undefined) return decodeHexFlag(hex, options);
  if (frame !== undefined && hex === undefined) return decodeFrameFlag(frame, options);
  throw new UsageError('give the bytes of one value with --hex, or one frame with --frame');
}

function decodeHexFlag(hex: string, options: DecodeOptions): FlagAnswer {
  const { data_type, ...fields } = fieldsOf(options);
  if (options.framing !== undefined) throw new UsageError('--framing goes with --frame');
  if (data_type === undefined) throw new UsageError('--hex needs --data-type');
  const asked = { ...fields, data_type, hex };
  const answer = decodeValue(asked);
  return { lines: showValue(asked, answer), ok: answer.ok };
}

function decodeFrameFlag(frame: string, options: DecodeOptions): FlagAnswer {
  const [field] = Object.keys(fieldsOf(options));
  if (field !== undefined) {
    const flag = `--${field.replace('_', '-')}`;
    throw new UsageError(`${flag} goes with --hex; furrow explain reads the values of a frame`);
  }
  const framing = parseFraming(options.framing);
  const answer = decodeFrameBytes({ frame, framing });
  return { lines: showFrame(framing, answer), ok: answer.ok };
}
