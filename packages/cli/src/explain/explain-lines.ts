import {
  agriId,
  agriIdSchema,
  type Factor,
  factorDefinitionSchema,
  formatIssues,
  schemaIssues,
} from '@furrow/contracts';
import { compilePlan, explainFactor } from '@furrow/decoding';
import { UsageError } from '../errors.ts';
import type { ExplainOptions } from './explain-command.ts';
import { explanationText } from './explanation-text.ts';
import { type FactorFields, factorFields } from './factor-fields.ts';
import { type ReadAnswer, readAnswer } from './read-answer.ts';

/**
 * How a factor reads the bytes of a read, and which other readings would be plausible, as lines for the terminal. Rejects with
 * {@link UsageError} when flags, file, factor or bytes leave nothing to explain.
 */
export async function explainLines(options: ExplainOptions): Promise<string[]> {
  const given = await factorFields(options);
  const answer = readAnswer(options, given.fields);
  const factor = completeFactor(given, answer);
  const address = options.address ?? answer.address ?? factor.address;
  const range = plausibleRange(options, factor);
  const { kind, data } = answer.frame;
  const explanation = explainFactor(factor, { address, kind, data }, range);
  const { result, steps } = explanation;
  const notes = notesOn(factor, answer, address);
  if (!result.ok && steps.length === 0) {
    throw new UsageError(`nothing to explain: ${notes[0] ?? result.message}`);
  }
  return explanationText({ label: given.label, factor, answer, address, range, explanation, notes });
}

/** What is not said is taken from the answer. */
function completeFactor({ label, fields }: FactorFields, { frame, modbusType, address }: ReadAnswer): Factor {
  const assumed = {
    unit: frame.unit ?? 1,
    address: address ?? 0,
    modbus_type: modbusType,
    the_type: 'reading',
  };
  const whole = { ...assumed, ...fields };
  const parsed = factorDefinitionSchema.safeParse(whole);
  if (!parsed.success)
    throw new UsageError(`the factor is wrong: ${formatIssues(schemaIssues(parsed.error, whole))}`);
  const named = agriIdSchema.safeParse(label);
  return { ...parsed.data, agri_id: named.success ? named.data : agriId('factor') };
}

function plausibleRange(options: ExplainOptions, factor: Factor) {
  const { min = factor.min, max = factor.max } = options;
  if (min !== undefined && max !== undefined && min > max) {
    throw new UsageError(`the plausible range is empty: min ${min} is above max ${max}`);
  }
  return { min, max };
}

/** What the pipeline would say beside the value: that it refuses the frame, and what looks wrong about the factor. */
function notesOn(factor: Factor, { hex, framing }: ReadAnswer, address: number): string[] {
  const plan = compilePlan([factor]);
  const { unit, modbus_type } = factor;
  const readings = plan.decodeFrame({ unit, modbus_type, address, framing, hex });
  const refused = readings.ok
    ? []
    : [`the pipeline refuses this frame for the factor: ${readings.reason}: ${readings.message}`];
  return [...refused, ...plan.warnings.map(({ message }) => message)];
}
