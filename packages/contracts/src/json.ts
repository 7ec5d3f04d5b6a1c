/** Only text with a number of this many digits can hold an integer beyond 2^53; digits inside a string follow something else. */
const LONG_NUMBER = /(?:^|[\s:,[])-?\d{16}/;
const INTEGER_LITERAL = /^-?\d+$/;

/**
 * JSON.parse, except that an integer literal which a double cannot hold exactly becomes its decimal text instead of a nearby
 * number: `9007199254740993` gives `"9007199254740993"`, the form in which producers that know the limit send it. Throws a
 * SyntaxError as JSON.parse does.
 */
export function parseJsonExact(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, keepInteger) : JSON.parse(text);
}

function keepInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && INTEGER_LITERAL.test(source) ? source : value;
}
