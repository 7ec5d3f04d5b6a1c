import { type Factor, factorWidth, isBitTable } from '@furrow/contracts';
import type { Explanation, PlausibleRange } from '@furrow/decoding';
import { alignColumns } from '../terminal/columns.ts';
import { describeAnswer, type ReadAnswer } from './read-answer.ts';

/** All that is known about one reading. */
export interface Explained {
  readonly label: string;
  readonly factor: Factor;
  readonly answer: ReadAnswer;
  /** Address of the first register or bit of the read. */
  readonly address: number;
  readonly range: PlausibleRange;
  readonly explanation: Explanation;
  /** What looks wrong, one sentence each. */
  readonly notes: readonly string[];
}

/** An explanation as lines for the terminal. */
export function explanationText(explained: Explained): string[] {
  const { label, factor, answer, address, explanation, notes } = explained;
  return [
    ...alignColumns([
      ['factor', `${label}: ${factorText(factor)}`],
      ['read', `${describeAnswer(answer.frame)}, from address ${address} on`],
      ...answer.skipped.map((what) => ['beside it', what]),
      ...explanation.steps.map(({ step, text }) => [step, text]),
    ]),
    ...notes.map((note) => `Note: ${note}.`),
    '',
    ...alternativesText(explained),
  ];
}

function factorText(factor: Factor): string {
  const { unit, modbus_type, address, data_index, data_type, data_endian } = factor;
  const first = address + data_index;
  const last = first + factorWidth(factor) - 1;
  const place = first === last ? `${first}` : `${first} to ${last}`;
  const what = isBitTable(modbus_type) ? '' : `, ${data_type} ${data_endian}`;
  return `unit ${unit}, ${modbus_type} ${place}${what}`;
}

function alternativesText({ explanation, range }: Explained): string[] {
  const { result } = explanation;
  const isKnown = range.min !== undefined || range.max !== undefined;
  const isInside =
    result.ok && result.value >= (range.min ?? -Infinity) && result.value <= (range.max ?? Infinity);
  const shown = rangeText(range);
  if (isKnown && isInside) return [`The value is plausible: it lies ${shown}.`];
  const plausible = explanation.alternatives.filter((alternative) => alternative.plausible);
  if (plausible.length === 0) {
    const verdict = isKnown ? `This reading does not lie ${shown}, and` : 'No plausible range is known, and';
    return [`${verdict} no other type and byte order gives a plausible value here: is the address right?`];
  }
  const verdict = isKnown
    ? `This reading does not lie ${shown}.`
    : 'No plausible range is known; --min and --max would give one.';
  return [
    `${verdict} Other ways to read the same place, the likeliest first:`,
    ...alignColumns(
      plausible.map(({ data_type, data_endian, value }) => ['', data_type, data_endian, String(value)]),
      [3],
    ),
  ];
}

function rangeText({ min, max }: PlausibleRange): string {
  if (min === undefined) return `at ${max} or below`;
  return max === undefined ? `at ${min} or above` : `between ${min} and ${max}`;
}
