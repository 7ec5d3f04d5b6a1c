import { schemaIssues } from '@furrow/contracts';
import { openRegistry, type Registry, RegistryError } from '@furrow/registry';
import { type Environment, loadConfig } from '@furrow/runtime';
import { z } from 'zod';
import { UsageError } from '../errors.ts';

/** What somebody may try again later: the directory is in use, the server does not answer. */
const EXIT_LATER = 2;

const schema = z.object({ FURROW_REGISTRY: z.string().default('pglite:./data/registry') });

/** Opens the registry, works, and closes it. Sets exit code 2 where the same command may succeed later, and throws why. */
export async function operate(
  env: Environment,
  work: (operator: Registry['operator']) => Promise<void>,
): Promise<void> {
  const { FURROW_REGISTRY } = loadConfig(schema, env);
  try {
    const registry = await openRegistry(FURROW_REGISTRY);
    try {
      await work(registry.operator);
    } finally {
      await registry.close();
    }
  } catch (error) {
    throw isForLater(error) ? new TryLaterError(laterText(error), { cause: error }) : error;
  }
}

/** The registry is in use or does not answer: its message is the line that the user reads; the exit code is 2. */
export class TryLaterError extends Error {
  readonly code = 'TRY_LATER';
  readonly retryable = true;
  override readonly name = 'TryLaterError';
  readonly exitCode = EXIT_LATER;
}

function isForLater(error: unknown): error is RegistryError {
  return error instanceof RegistryError && (error.retryable || error.code === 'REGISTRY_IN_USE');
}

function laterText({ code, message }: RegistryError): string {
  return code === 'REGISTRY_IN_USE'
    ? `${message}. Stop npm start (or whatever has it open) first, or use the API.`
    : message;
}

/** A form filled in on the command line; throws {@link UsageError} with every field and the rule that it breaks. */
export function fillIn<Schema extends z.ZodType>(form: Schema, fields: object): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const parsed = form.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = schemaIssues(parsed.error, given).map(
    ({ path, rule, received }) => `${path}: ${rule} (received ${received})`,
  );
  throw new UsageError(lines.join('\nfurrow: '));
}
