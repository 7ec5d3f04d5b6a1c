import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHex, parseHex } from '../src/index.ts';

describe('parseHex', () => {
  it('reads both letter cases', () => {
    expect(parseHex('00fFAb')).toEqual(Uint8Array.of(0x00, 0xff, 0xab));
    expect(parseHex('')).toEqual(new Uint8Array(0));
  });

  it.each(['0', '0g', 'g0', ' 0', '0x', '01 02', '\u0130\u0130', '0\u0131', '\uff10\uff10', '01\n'])(
    'refuses %j',
    (text) => {
      expect(parseHex(text)).toBeUndefined();
    },
  );

  it('gives back what formatHex wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(parseHex(formatHex(bytes))).toEqual(bytes);
        expect(parseHex(formatHex(bytes).toLowerCase())).toEqual(bytes);
      }),
    );
  });

  it('agrees with a pattern for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
        expect(parseHex(text) !== undefined).toBe(/^(?:[0-9a-fA-F]{2})*$/.test(text) && !text.endsWith('\n'));
      }),
    );
  });
});

describe('formatHex', () => {
  it('writes two upper-case digits a byte', () => {
    expect(formatHex(Uint8Array.of(0, 10, 255))).toBe('000AFF');
  });
});
