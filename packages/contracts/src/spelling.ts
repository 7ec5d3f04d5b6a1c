import { z } from 'zod';

/**
 * A schema that accepts every listed spelling of each name, in any letter case, and gives the one normal name.
 * `spellings` maps a normal name to its further spellings; the name itself is always accepted.
 */
export function spellingSchema<Name extends string>(
  what: string,
  spellings: Readonly<Record<Name, readonly string[]>>,
) {
  const names = Object.keys(spellings) as Name[];
  const bySpelling = new Map<string, Name>();
  for (const name of names) {
    for (const spelling of [name, ...spellings[name]]) bySpelling.set(spelling.toLowerCase(), name);
  }
  const rule = `${what} is one of ${[...new Set(names.flatMap((name) => [name, ...spellings[name]]))].join(', ')}`;
  return z.string(rule).transform((text, context): Name => {
    const name = bySpelling.get(text.toLowerCase());
    if (name !== undefined) return name;
    context.addIssue({ code: 'custom', message: rule, input: text });
    return z.NEVER;
  });
}
