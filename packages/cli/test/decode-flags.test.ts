import { describe, expect, it } from 'vitest';
import type { DecodeOptions } from '../src/decode/decode-command.ts';
import { decodeFlags } from '../src/decode/decode-flags.ts';
import { UsageError } from '../src/errors.ts';

describe('decodeFlags', () => {
  it.each<[DecodeOptions, string[]]>([
    [
      { hex: '80004409', dataType: 'FLOAT', dataEndian: 'CDAB' },
      [
        'bytes    80004409',
        'type     FLOAT',
        'order    CDAB',
        'raw      550',
        'scaling  raw × 1 + 0',
        'value    550',
      ],
    ],
    [
      { hex: '00000008', dataType: 'bit', dataIndex: 1, bit: 3 },
      [
        'bytes    00000008',
        'type     bit',
        'order    ABCD',
        'index    1',
        'raw      1',
        'scaling  raw × 1 + 0',
        'value    1',
      ],
    ],
    [
      { hex: '41424344', dataType: 'string', length: 1 },
      ['bytes  41424344', 'type   string', 'order  ABCD', 'raw    AB', 'value  AB'],
    ],
    [
      { hex: 'FFFFFFFFFFFFFFFF', dataType: 'uint64', dataFactor: 0.1 },
      [
        'bytes    FFFFFFFFFFFFFFFF',
        'type     uint64',
        'order    ABCD',
        'raw      18446744073709551615',
        'scaling  raw × 0.1 + 0',
        'value    1844674407370955300 (the nearest double)',
      ],
    ],
    [
      { frame: '010304004000053BE4' },
      [
        'framing  rtu',
        '',
        'unit      1',
        'function  3 (holding registers)',
        'register   hex  uint16  int16',
        '       0  0040      64     64',
        '       1  0005       5      5',
      ],
    ],
    [
      { frame: '01030000000305CB0103060292FF9B03E8D80F010302002D7859', framing: 'rtu' },
      [
        'framing  rtu',
        'skipped  the request to unit 1 (function 3, 3 from address 0)',
        '',
        'unit      1',
        'function  3 (holding registers)',
        'register   hex  uint16  int16',
        '       0  0292     658    658',
        '       1  FF9B   65435   -101',
        '       2  03E8    1000   1000',
        '',
        'unit      1',
        'function  3 (holding registers)',
        'register   hex  uint16  int16',
        '       0  002D      45     45',
      ],
    ],
    [
      { frame: '00010000000401010105', framing: 'tcp' },
      ['framing  tcp', '', 'unit      1', 'function  1 (coils)', 'bits      1 0 1 0 0 0 0 0'],
    ],
    [
      { frame: '000A', framing: 'registers' },
      ['framing  registers', '', 'register   hex  uint16  int16', '       0  000A      10     10'],
    ],
  ])('shows %j', (options, lines) => {
    expect(decodeFlags(options)).toEqual({ ok: true, lines });
  });

  it.each<[DecodeOptions, string[]]>([
    [
      { hex: '7FC00000', dataType: 'float' },
      [
        'bytes    7FC00000',
        'type     float',
        'order    ABCD',
        'refused  not_finite',
        '         The reading is NaN or infinite.',
        expect.stringContaining('NaN'),
      ],
    ],
    [
      { frame: '018302C0F1' },
      [
        'framing   rtu',
        'unit      1',
        'function  3 (holding registers)',
        'refused   frame_exception',
        '          The Modbus device answered with an exception.',
        '          illegal data address',
      ],
    ],
    [
      { frame: '0600010003', framing: 'pdu' },
      [
        'framing   pdu',
        'function  6',
        'refused   frame_function',
        '          The Modbus function of the frame carries no readings.',
        expect.stringContaining('acknowledges a write'),
      ],
    ],
  ])('says why %j is refused', (options, lines) => {
    expect(decodeFlags(options)).toEqual({ ok: false, lines });
  });

  it.each<[DecodeOptions, RegExp]>([
    [{ hex: 'FFD6' }, /^--hex needs --data-type$/],
    [{ dataType: 'int16' }, /--hex.*--frame/],
    [{ hex: '00', frame: '00' }, /--hex.*--frame/],
    [{ hex: '0001', dataType: 'int16', framing: 'rtu' }, /^--framing goes with --frame$/],
    [{ frame: '00', dataFactor: 2 }, /^--data-factor goes with --hex/],
    [{ frame: '00', framing: 'ascii' }, /^--framing is one of rtu, tcp, pdu, registers, not "ascii"$/],
  ])('refuses the flags %j', (options, message) => {
    expect(() => decodeFlags(options)).toThrow(UsageError);
    expect(() => decodeFlags(options)).toThrow(message);
  });
});
