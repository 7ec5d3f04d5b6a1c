import { type FactorDefinitionInput, type Framing, REJECT_REASONS } from '@furrow/contracts';
import type { FrameAnswer, ShownAnswer, ValueAnswer } from '@furrow/decoding';
import { alignColumns } from '../terminal/columns.ts';

/** What was asked for, and what it is decoded as. */
export type AskedValue = Partial<FactorDefinitionInput> & { readonly hex: string };

/** One decoded value as a table for people. */
export function showValue(asked: AskedValue, answer: ValueAnswer): string[] {
  const {
    hex,
    data_type = '',
    data_endian = 'ABCD',
    data_index = 0,
    data_factor = 1,
    data_delta = 0,
  } = asked;
  return alignColumns([
    ['bytes', hex.toUpperCase()],
    ['type', data_type],
    ['order', data_endian],
    ...(data_index === 0 ? [] : [['index', String(data_index)]]),
    ...(answer.ok
      ? [
          ['raw', String(answer.raw)],
          ...(data_type.toLowerCase().startsWith('string')
            ? []
            : [['scaling', `raw × ${data_factor} + ${data_delta}`]]),
          ['value', `${answer.value}${answer.inexact ? ' (the nearest double)' : ''}`],
          ...(answer.label === undefined ? [] : [['label', answer.label]]),
        ]
      : failureRows(answer)),
  ]);
}

/** One decoded frame as a table for people, a line a register. */
export function showFrame(framing: Framing, answer: FrameAnswer): string[] {
  const head = [['framing', framing]];
  if (!answer.ok) {
    return alignColumns([...head, ...sourceRows(answer), ...failureRows(answer)]);
  }
  const { answers = [answer], skipped = [] } = answer;
  return [
    ...alignColumns([...head, ...skipped.map((what) => ['skipped', what])]),
    ...answers.flatMap((one) => ['', ...showData(one)]),
  ];
}

function showData(answer: ShownAnswer): string[] {
  const { registers = [], bits } = answer;
  if (bits) {
    return alignColumns([...sourceRows(answer), ['bits', bits.map(Number).join(' ')]]);
  }
  const rows = registers.map((register, at) => [
    String(at),
    register.toString(16).toUpperCase().padStart(4, '0'),
    String(register),
    String((register << 16) >> 16),
  ]);
  return [
    ...alignColumns(sourceRows(answer)),
    ...alignColumns([['register', 'hex', 'uint16', 'int16'], ...rows], [0, 1, 2, 3]),
  ];
}

/** Which table a function reads. */
const FUNCTIONS: Readonly<Record<number, string>> = {
  1: 'coils',
  2: 'discrete inputs',
  3: 'holding registers',
  4: 'input registers',
};

function sourceRows(answer: { readonly unit?: number; readonly function?: number }): string[][] {
  const { unit, function: code } = answer;
  const table = code === undefined ? undefined : FUNCTIONS[code];
  return [
    ...(unit === undefined ? [] : [['unit', String(unit)]]),
    ...(code === undefined ? [] : [['function', table ? `${code} (${table})` : String(code)]]),
  ];
}

function failureRows(answer: Extract<ValueAnswer | FrameAnswer, { ok: false }>): string[][] {
  return [
    ['refused', answer.reason],
    ['', REJECT_REASONS[answer.reason]],
    ['', answer.message],
  ];
}
