import { type AgriId, agriIdSchema, belongsTo, schemaIssues } from '@furrow/contracts';
import {
  MAX_FACTORS_PER_DEVICE,
  type RegisteredDevice,
  type RegisteredFactor,
  type WantedFactor,
} from '@furrow/registry';
import { z } from 'zod';
import { ApiError, type FieldProblem } from '../errors.ts';
import { factorAnswer, factorBodySchema, wantedOf } from '../schemas/factor.ts';
import { requireStorableText } from '../storable-text.ts';
import { fieldProblem } from '../validate.ts';

/** Most problems named for one file. */
const MAX_NAMED_ROWS = 100;

/** A device's factors as a file: what an export gives and an import takes. */
export const factorFileSchema = z
  .object({
    format: z.literal('furrow-factors'),
    version: z.literal(1),
    device: z.string().describe('agri_id of the device that the factors were exported from'),
    factors: z.array(z.record(z.string(), z.unknown())),
  })
  .meta({ id: 'FactorFile' });

export type FactorFile = z.output<typeof factorFileSchema>;

/** The file of a device's factors; a factor says only what a new one may say, and its label. */
export function writeFactorFile(device: RegisteredDevice, factors: readonly RegisteredFactor[]): FactorFile {
  return {
    format: 'furrow-factors',
    version: 1,
    device: device.agriId,
    factors: factors.map((factor) => {
      const { pk: _, device: __, warning: ___, ...said } = factorAnswer(factor);
      const { the_type_detail: ____, ...rest } = said;
      return Object.fromEntries(Object.entries(rest).filter(([key]) => !key.endsWith('_display')));
    }),
  };
}

/**
 * Reads an uploaded file: what an export answered, whole or without its envelope, or a bare list of factors. Labels under the exported
 * device's prefix become labels under this device's. Throws the problems of all rows at once.
 */
export function readFactorFile(bytes: Buffer, device: RegisteredDevice): readonly WantedFactor[] {
  const { factors, source } = parseFile(bytes);
  const problems: FieldProblem[] = [];
  const wanted = factors.flatMap((row, index): WantedFactor[] => {
    const path = `factors[${index}]`;
    const parsed = factorBodySchema.safeParse(row);
    if (parsed.success) return [{ ...wantedOf(parsed.data), agriId: labelFor(row, source, device) }];
    if (problems.length < MAX_NAMED_ROWS)
      problems.push(...schemaIssues(parsed.error, row, path).map(fieldProblem));
    return [];
  });
  if (problems.length > 0) throw refusedFile(problems);
  return wanted;
}

/** The answer that names the rows which are in the way of an import; nothing was changed. */
export function refusedFile(
  problems: readonly FieldProblem[],
  code: 'VALIDATION_ERROR' | 'CONFLICT' = 'VALIDATION_ERROR',
) {
  const fields = problems.slice(0, MAX_NAMED_ROWS);
  const [first] = fields;
  return new ApiError(
    code,
    `nothing was imported: ${first?.name}: ${first?.message}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}`,
    { fields },
  );
}

function parseFile(bytes: Buffer): { factors: readonly unknown[]; source: string | undefined } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ApiError('VALIDATION_ERROR', `file: it is not JSON text in UTF-8: ${why}`, {
      fields: [{ name: 'file', message: 'JSON text in UTF-8' }],
    });
  }
  const file = fieldOf(json, 'success') === true ? fieldOf(json, 'data') : json;
  const factors = Array.isArray(file) ? file : fieldOf(file, 'factors');
  if (!Array.isArray(factors) || factors.length > MAX_FACTORS_PER_DEVICE) {
    const message = `what an export gave, or a list of at most ${MAX_FACTORS_PER_DEVICE} factors`;
    throw new ApiError('VALIDATION_ERROR', `file: ${message}`, { fields: [{ name: 'file', message }] });
  }
  requireStorableText('file', factors);
  const source = fieldOf(file, 'device');
  return { factors, source: typeof source === 'string' ? source : undefined };
}

/** The label that a row keeps; undefined when the platform gives it one. */
function labelFor(row: unknown, source: string | undefined, device: RegisteredDevice): AgriId | undefined {
  const label = agriIdSchema.safeParse(fieldOf(row, 'agri_id'));
  if (!label.success || source === undefined || !belongsTo(label.data, source)) return undefined;
  const moved = agriIdSchema.safeParse(`${device.agriId}${label.data.slice(source.length)}`);
  return moved.success ? moved.data : undefined;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
