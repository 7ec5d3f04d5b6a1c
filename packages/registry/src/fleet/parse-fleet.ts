import { type SchemaIssue, schemaIssues } from '@furrow/contracts';
import { z } from 'zod';
import { FleetError } from '../errors.ts';
import { duplicateIssues } from './duplicate-issues.ts';
import { type Fleet, fleetSchema } from './fleet-schema.ts';

/**
 * Reads a fleet from parsed JSON. Throws {@link FleetError} with every problem at once, each with its place in the file.
 */
export function parseFleet(json: unknown): Fleet {
  const parsed = fleetSchema.safeParse(json);
  const issues = [...(parsed.success ? [] : fieldIssues(parsed.error, json)), ...duplicateIssues(json)];
  if (!parsed.success || issues.length > 0) throw new FleetError(issues);
  return parsed.data;
}

/** zod names the object around unknown keys; people look for the keys. */
function fieldIssues(error: z.ZodError, json: unknown): SchemaIssue[] {
  const issues = error.issues.flatMap((issue): z.core.$ZodIssue[] => {
    if (issue.code !== 'unrecognized_keys') return [issue];
    return issue.keys.map((key) => ({
      code: 'custom',
      path: [...issue.path, key],
      message: 'no such key; is it misspelt?',
      input: undefined,
    }));
  });
  return schemaIssues(new z.ZodError(issues), json).map((issue) =>
    issue.path.endsWith('.token') ? { ...issue, received: 'a secret' } : issue,
  );
}
