import { type SchemaIssue, schemaIssues } from '@furrow/contracts';
import type { z } from 'zod';
import { ApiError, type ApiErrorCode, type FieldProblem } from './errors.ts';

/** Most problems named in one answer. */
export const MAX_NAMED_PROBLEMS = 20;

/** Parses a part of a request, or throws the error (VALIDATION_ERROR unless another is named) that names every field and its rule. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  part: string,
  code: ApiErrorCode = 'VALIDATION_ERROR',
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = schemaIssues(parsed.error, input).map(fieldProblem).slice(0, MAX_NAMED_PROBLEMS);
  throw new ApiError(
    code,
    `${part}: ${fields.map(({ name, message }) => `${name}: ${message}`).join('; ')}`,
    { fields },
  );
}

/** A broken rule as an answer shows it. */
export function fieldProblem({ path, rule, received }: SchemaIssue): FieldProblem {
  return { name: path, message: `${rule} (received ${received})` };
}
