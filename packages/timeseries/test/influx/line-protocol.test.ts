import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { double, encodeLine, integer, text } from '../../src/influx/line-protocol.ts';
import { decodeName, encodeName } from '../../src/influx/names.ts';
import { fieldValue, parseLine } from './parse-line.ts';

/** Fixed, so that a failure in one run is a failure in all. */
const seed = 20_260_216;

/** Any text, with a good share of what line protocol gives a meaning to. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ',',
        '=',
        ' ',
        '\\',
        '"',
        "'",
        '\n',
        '\r',
        '\0',
        '%',
        '%0a',
        '#',
        'd-1',
        '温',
        '\ud800',
      ),
    )
    .map((parts) => parts.join('')),
);
const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('encodeName', () => {
  it('is reversed by decodeName, and holds nothing that ends a line', () => {
    fc.assert(
      fc.property(anyText, (name) => {
        const encoded = encodeName(name);
        expect(decodeName(encoded)).toBe(name);
        expect(encoded).not.toMatch(/[\p{Cc}\p{Cs}\\]/u);
        expect(encoded).not.toBe('');
      }),
      { numRuns: 1_000, seed },
    );
  });

  it('leaves what an agri_id is made of as it is', () => {
    expect(encodeName('d-1000_ab.CD-1-000')).toBe('d-1000_ab.CD-1-000');
  });

  it('makes prefixes of prefixes, which the newest values of a device are found by', () => {
    fc.assert(
      fc.property(anyText, anyText, (device, rest) => {
        expect(encodeName(`${device}-${rest}`).startsWith(encodeName(`${device}-`))).toBe(true);
      }),
      { seed },
    );
  });

  it('has no two names with one code', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(encodeName(a) === encodeName(b)).toBe(a === b);
      }),
      { seed },
    );
  });
});

describe('encodeLine', () => {
  it('is read back by a parser of the grammar, whatever names and values are', () => {
    fc.assert(
      fc.property(
        anyText.map(encodeName),
        fc.array(fc.tuple(anyText.map(encodeName), anyText.map(encodeName)), { maxLength: 3 }),
        anyText,
        anyDouble,
        fc.maxSafeInteger(),
        fc.maxSafeInteger(),
        (measurement, tags, name, value, version, t) => {
          const line = encodeLine(
            measurement,
            tags,
            [
              ['value', double(value)],
              ['version', integer(version)],
              ['name', text(encodeName(name))],
            ],
            t,
          );
          const parsed = parseLine(line);
          expect(parsed.measurement).toBe(measurement);
          expect(Object.entries(parsed.tags)).toEqual(Object.entries(Object.fromEntries(tags)));
          expect(Object.keys(parsed.fields)).toEqual(['value', 'version', 'name']);
          expect(Object.is(fieldValue(parsed.fields['value'] ?? ''), value)).toBe(true);
          expect(parsed.fields['version']).toBe(`${version}i`);
          expect(decodeName(String(fieldValue(parsed.fields['name'] ?? '')))).toBe(name);
          expect(parsed.t).toBe(t);
        },
      ),
      { numRuns: 2_000, seed },
    );
  });

  it.each([
    ['a plain point', 'points', 'd-1-0', 21.5, 'points,agri_id=d-1-0 value=21.5,version=7i 9'],
    [
      'special characters',
      'my points',
      'a,b=c d"e',
      -0,
      'my\\ points,agri_id=a\\,b\\=c\\ d"e value=-0,version=7i 9',
    ],
    ['a large number', 'points', 'd', 1e21, 'points,agri_id=d value=1e+21,version=7i 9'],
    ['a denormal', 'points', 'd', 5e-324, 'points,agri_id=d value=5e-324,version=7i 9'],
  ])('writes %s as the documentation does', (_, measurement, name, value, line) => {
    const fields = [
      ['value', double(value)],
      ['version', integer(7)],
    ] as const;
    expect(encodeLine(measurement, [['agri_id', name]], fields, 9)).toBe(line);
  });
});
