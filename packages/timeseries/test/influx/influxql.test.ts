import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identifier, literal, startsWithPattern, timeLiteral, timeRange } from '../../src/influx/influxql.ts';
import { encodeName } from '../../src/influx/names.ts';

/** Fixed, so that a failure in one run is a failure in all. */
const seed = 20_260_216;

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '/',
        ';',
        '--',
        ' OR 1=1',
        '\n',
        '.*',
        '(',
        '[',
        '$',
        '^',
        '{2}',
        'd-1',
        '🌱',
      ),
    )
    .map((parts) => parts.join('')),
);

/**
 * Reads a quoted token as InfluxQL's scanner does (influxdata/influxql, scanner.go, ScanString): up to the first quote that no backslash
 * escapes; a line break or an unknown escape is an error. Gives the text and where the token ends.
 */
function scanQuoted(source: string): { value: string; end: number } {
  const quote = source[0];
  let value = '';
  for (let at = 1; at < source.length; at += 1) {
    const character = source[at] ?? '';
    if (character === quote) return { value, end: at + 1 };
    if (character === '\n') throw new SyntaxError('bad string');
    if (character !== '\\') {
      value += character;
      continue;
    }
    at += 1;
    const meant = { n: '\n', '\\': '\\', "'": "'", '"': '"' }[source[at] ?? ''];
    if (meant === undefined) throw new SyntaxError('bad escape');
    value += meant;
  }
  throw new SyntaxError('the token does not end');
}

describe('literal', () => {
  it('is one string token that stands for the text, and nothing after it', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const token = literal(value);
        expect(scanQuoted(token)).toEqual({ value, end: token.length });
        const name = literal(encodeName(value));
        expect(scanQuoted(name)).toEqual({ value: encodeName(value), end: name.length });
      }),
      { numRuns: 1_000, seed },
    );
  });
});

describe('identifier', () => {
  it('is one identifier token, and nothing after it', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const token = identifier(name);
        expect(scanQuoted(token).end).toBe(token.length);
        if (!/\p{Cc}/u.test(name)) expect(scanQuoted(token).value).toBe(name);
      }),
      { numRuns: 1_000, seed },
    );
  });
});

describe('startsWithPattern', () => {
  it('matches what begins with the text, and nothing else', () => {
    fc.assert(
      fc.property(hostile, hostile, (prefix, other) => {
        const source = startsWithPattern(encodeName(prefix));
        // Between its slashes it holds none, so that it cannot end early; and only characters that every lexer takes.
        expect(source).toMatch(/^\/\^[A-Za-z0-9\\{}]*\/$/);
        const pattern = new RegExp(source.slice(1, -1).replaceAll('\\x{', '\\u{'), 'u');
        expect(pattern.test(encodeName(prefix) + other)).toBe(true);
        expect(pattern.test(encodeName(other))).toBe(encodeName(other).startsWith(encodeName(prefix)));
      }),
      { numRuns: 1_000, seed },
    );
  });
});

describe('timeLiteral', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [1_771_243_200_123, '1771243200123000000'],
    [-5, '-5000000'],
    [Number.MAX_SAFE_INTEGER, '9223372036854000000'],
    [Number.NEGATIVE_INFINITY, '-9223372036854000000'],
  ])('writes %s ms in nanoseconds that Influx can hold', (ms, text) => {
    expect(timeLiteral(ms)).toBe(text);
    expect(BigInt.asIntN(64, BigInt(text))).toBe(BigInt(text));
  });

  it('includes both ends of a range', () => {
    expect(timeRange(1, 2)).toBe('time >= 1000000 AND time <= 2000000');
  });
});
