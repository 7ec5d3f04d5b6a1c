import type { z } from 'zod';

/** Longest excerpt of a received value in a message, in characters. */
export const RECEIVED_MAX_LENGTH = 80;

/** One broken rule of a schema: where (`items[3].value`), which rule, and what stood there instead, shortened. */
export interface SchemaIssue {
  readonly path: string;
  readonly rule: string;
  readonly received: string;
}

/** The issues of a failed parse, in zod's order, with the received values read out of `input`. */
export function schemaIssues(error: z.ZodError, input: unknown, root = ''): SchemaIssue[] {
  return error.issues.map((issue) => ({
    path: formatPath(issue.path, root),
    rule: issue.message,
    received: shorten(valueAt(input, issue.path)),
  }));
}

/** `items[3].value: <rule> (received "abc")`: one issue as one readable line. */
export function formatIssue(issue: SchemaIssue): string {
  const where = issue.path === '' ? '' : `${issue.path}: `;
  return `${where}${issue.rule} (received ${issue.received})`;
}

/** All issues of a failed parse as one sentence. */
export function formatIssues(issues: readonly SchemaIssue[]): string {
  return issues.map(formatIssue).join('; ');
}

/** What was received, as JSON of at most {@link RECEIVED_MAX_LENGTH} characters; `nothing` for undefined. */
export function shorten(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return cut(JSON.stringify(value.slice(0, RECEIVED_MAX_LENGTH + 1)));
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null)
    return cut(`an object with ${Object.keys(value).slice(0, 6).join(', ')}`);
  return cut(String(value));
}

function cut(text: string): string {
  return text.length <= RECEIVED_MAX_LENGTH ? text : `${text.slice(0, RECEIVED_MAX_LENGTH - 1)}…`;
}

function formatPath(path: readonly PropertyKey[], root: string): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, root);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}
