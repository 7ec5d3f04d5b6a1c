import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalTimes, parseTimestamp } from '../src/index.ts';

const AT = Date.UTC(2024, 1, 16, 8, 0, 0);

describe('parseTimestamp', () => {
  it.each([
    ['seconds', 1708070400, AT],
    ['seconds with a fraction', 1708070400.123, AT + 123],
    ['milliseconds', 1708070400000, AT],
    ['seconds as text', '1708070400', AT],
    ['milliseconds as text', '1708070400123', AT + 123],
    ['slashed UTC text', '2024/02/16 08:00:00', AT],
    ['RFC 3339 in UTC', '2024-02-16T08:00:00Z', AT],
    ['RFC 3339 with an offset', '2024-02-16T17:30:00.5+09:30', AT + 500],
    ['RFC 3339 with a negative offset', '2024-02-16T03:00:00-05:00', AT],
    ['RFC 3339 with a space', '2024-02-16 08:00:00z', AT],
    ['a leap second', '2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['the epoch', 0, 0],
  ])('reads %s', (_name, t, expected) => {
    expect(parseTimestamp(t)).toBe(expected);
  });

  it.each([
    ['a negative number', -1],
    ['14 digits', 17080704000000],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['14 digits as text', '17080704000000'],
    ['a day the calendar lacks', '2023/02/29 00:00:00'],
    ['a day the calendar lacks, RFC 3339', '2023-02-30T00:00:00Z'],
    ['an hour the day lacks', '2024/02/16 24:00:00'],
    ['text without an offset', '2024-02-16T08:00:00'],
    ['an offset out of range', '2024-02-16T08:00:00+25:00'],
    ['words', 'yesterday'],
    ['empty text', ''],
    ['null', null],
    ['an object', {}],
    ['a boolean', true],
  ])('refuses %s', (_name, t) => {
    expect(parseTimestamp(t)).toBeUndefined();
  });

  it('reads back every time that Date writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
        (date) => {
          expect(parseTimestamp(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });

  it('answers anything at all with a whole number or undefined', () => {
    fc.assert(
      fc.property(fc.anything(), (t) => {
        const result = parseTimestamp(t);
        expect(result === undefined || Number.isSafeInteger(result)).toBe(true);
      }),
    );
  });
});

describe('arrivalTimes', () => {
  it('gives each factor the time of arrival, and its further readings a millisecond each', () => {
    const arrival = arrivalTimes(AT);
    expect([arrival('a'), arrival('b'), arrival('a'), arrival('a')]).toEqual([AT, AT, AT + 1, AT + 2]);
  });
});
