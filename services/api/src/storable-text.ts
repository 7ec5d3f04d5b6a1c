import { ApiError } from './errors.ts';

/** How deep a body is looked into; nothing that a route reads lies deeper. */
const MAX_DEPTH = 32;

/**
 * Refuses text that no database column can hold, wherever it stands in a part of a request: the NUL character and halves of
 * surrogate pairs. Throws VALIDATION_ERROR, also for endless nesting.
 */
export function requireStorableText(part: string, value: unknown): void {
  const path = unstorable(value, part, 0);
  if (path === undefined) return;
  const message = 'text without NUL characters and without halves of characters, not nested endlessly';
  throw new ApiError('VALIDATION_ERROR', `${path}: ${message}`, { fields: [{ name: path, message }] });
}

function unstorable(value: unknown, path: string, depth: number): string | undefined {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed() ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === MAX_DEPTH) return path;
  for (const [key, entry] of Object.entries(value)) {
    const at = unstorable(key, path, depth) ?? unstorable(entry, `${path}.${key}`, depth + 1);
    if (at !== undefined) return at;
  }
  return undefined;
}
