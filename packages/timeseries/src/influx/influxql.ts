/**
 * The parts of an InfluxQL statement that come from outside. The `/query` endpoint of 2.x and 3.x takes no bound parameters in a WHERE
 * clause that all three versions share, so text is written into the statement, by these functions and nowhere else.
 */

/** The first and last millisecond that Influx can hold: its times are nanoseconds in 64 bits. */
const FIRST_MS = -9_223_372_036_854;
const LAST_MS = 9_223_372_036_854;

const MEANS = { '\n': '\\n', '\\': '\\\\', "'": "\\'", '"': '\\"' } as const;

/** A quoted identifier: a measurement, a tag or field key, a database. Control characters are taken out, for there is no escape for them. */
export function identifier(name: string): string {
  return `"${name.replace(/[\n\\"]/g, escapeCharacter).replace(/\p{Cc}/gu, '')}"`;
}

/** A string literal. Names come out of `encodeName`, so that none holds a control character. */
export function literal(value: string): string {
  return `'${value.replace(/[\n\\']/g, escapeCharacter)}'`;
}

/**
 * A regular expression that matches exactly the texts that begin with `prefix`. Everything but ASCII letters and digits is written
 * by its code point, which Go's RE2 (1.x, 2.x) and Rust's regex (3.x) both read: nothing in it can end the expression or mean more than itself.
 */
export function startsWithPattern(prefix: string): string {
  const pattern = prefix.replace(
    /[^A-Za-z0-9]/gu,
    (character) => `\\x{${character.codePointAt(0)?.toString(16)}}`,
  );
  return `/^${pattern}/`;
}

/** A time literal, in nanoseconds, out of milliseconds; times that Influx cannot hold become its nearest. */
export function timeLiteral(ms: number): string {
  const held = Math.min(Math.max(Math.trunc(ms), FIRST_MS), LAST_MS);
  return held === 0 ? '0' : `${held}000000`;
}

/** A condition for `from <= time <= to`, both in milliseconds and inclusive. */
export function timeRange(from: number, to: number): string {
  return `time >= ${timeLiteral(from)} AND time <= ${timeLiteral(to)}`;
}

function escapeCharacter(character: string): string {
  return Object.hasOwn(MEANS, character) ? MEANS[character as keyof typeof MEANS] : character;
}
