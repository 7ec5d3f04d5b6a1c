import { describe, expect, it } from 'vitest';
import { filterOf } from '../src/quarantine/filter-of.ts';
import { parseAge, wholeNumber } from '../src/quarantine/quarantine-flags.ts';
import { safeCell, safeLines, safeText } from '../src/terminal/safe-text.ts';

describe('parseAge', () => {
  it.each([
    ['0s', 0],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['6h', 21_600_000],
    ['7d', 604_800_000],
  ])('reads %s', (text, ms) => expect(parseAge(text)).toBe(ms));

  it.each(['', '7', 'd', '-1d', '1.5h', '1w', '1D', '9999999d'])('refuses %j', (text) => {
    expect(() => parseAge(text)).toThrow('an age is a whole number with s, m, h or d');
  });
});

describe('wholeNumber', () => {
  it('takes what lies within its bounds', () => {
    const parse = wholeNumber(1, 1_000);
    expect([parse('1'), parse('1000')]).toEqual([1, 1_000]);
    for (const text of ['0', '1001', '1e2', '-1', '', '0x10'])
      expect(() => parse(text)).toThrow('a whole number from 1 to 1000');
  });
});

describe('filterOf', () => {
  it('counts ages back from now', () => {
    expect(filterOf({ olderThan: 1_000, newerThan: 5_000, org: 'a' }, 10_000)).toEqual({
      orgId: 'a',
      before: 9_000,
      after: 5_000,
    });
  });

  it('excludes nothing without flags', () => expect(filterOf({ deadLetter: true }, 0)).toEqual({}));

  it.each([
    [{ deadLetter: true, reason: ['too_old'] }, /--reason does not go with --dead-letter/],
    [{ reason: ['too_old', 'rain'] }, /--reason rain: the reasons are malformed_json, .*, unknown/],
    [{ olderThan: 5, newerThan: 5 }, /nothing lies between them/],
  ])('refuses %j', (flags, rule) => expect(() => filterOf(flags, 0)).toThrow(rule));
});

describe('safeText', () => {
  it.each([
    ['\u001b[31mred\u001b]0;title\u0007', '\\u001b[31mred\\u001b]0;title\\u0007'],
    ['a\rb\nc\td\u007f\u009b2J', 'a\\u000db\\u000ac\\u0009d\\u007f\\u009b2J'],
    ['\u202egnp.exe\u2066', '\\u202egnp.exe\\u2066'],
    ['\ud800 alone', '\\ud800 alone'],
    ['温度 21 ℃ 🌱', '温度 21 ℃ 🌱'],
  ])('leaves nothing in %j that a terminal obeys', (text, safe) => expect(safeText(text)).toBe(safe));

  it('keeps line breaks where asked, and cuts where asked', () => {
    expect(safeLines('a\n\u001bb')).toEqual(['a', '\\u001bb']);
    expect(safeCell('abcdef', 4)).toBe('abc…');
    expect(safeCell('abcd', 4)).toBe('abcd');
  });
});
