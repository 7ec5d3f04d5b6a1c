/**
 * C0 and C1 controls, DEL, line and paragraph separators, lone surrogates, and the marks that change the direction of text: what
 * could move the cursor, colour the screen, or show another text than is there.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Text from outside as it may be shown on a terminal: what could do anything there stands as `\u001b`. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** {@link safeText} that keeps line breaks. */
export function safeLines(text: string): string[] {
  return text.split('\n').map(safeText);
}

/** At most `length` characters of {@link safeText}, with an ellipsis where more was cut. */
export function safeCell(text: string, length: number): string {
  const safe = safeText(text);
  return safe.length <= length ? safe : `${safe.slice(0, length - 1)}…`;
}
