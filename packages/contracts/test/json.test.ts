import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonExact } from '../src/index.ts';

describe('parseJsonExact', () => {
  it.each([
    ['9007199254740993', '9007199254740993'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['{"value":18446744073709551615}', { value: '18446744073709551615' }],
    ['9007199254740991', 9007199254740991],
    ['0.1234567890123456789', 0.12345678901234568],
    ['"9007199254740993"', '9007199254740993'],
  ])('reads %s', (text, expected) => {
    expect(parseJsonExact(text)).toEqual(expected);
  });

  it('throws as JSON.parse does', () => {
    expect(() => parseJsonExact('{"value":1234567890123456789')).toThrow(SyntaxError);
  });

  it('keeps every integer digit for digit', () => {
    fc.assert(
      fc.property(fc.bigInt(), (n) => {
        expect(String(parseJsonExact(`[${n}]`))).toBe(String(n));
      }),
    );
  });

  it('is JSON.parse for everything that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const exact = JSON.stringify(parseJsonExact(text));
        expect(exact.replaceAll(/"(-?\d{16,})"/g, '$1')).toBe(
          JSON.stringify(JSON.parse(text)).replaceAll(/"(-?\d{16,})"/g, '$1'),
        );
      }),
    );
  });
});
