import { describe, expect, it } from 'vitest';
import { decodeFrameBytes, type FrameQuery } from '../src/index.ts';

describe('decodeFrameBytes', () => {
  it.each<[FrameQuery, object]>([
    [
      { frame: '0103060292FF9B03E8D80F', framing: 'rtu' },
      { unit: 1, function: 3, registers: [658, 65435, 1000] },
    ],
    [{ frame: '0103060292ff9b03e8d80f' }, { unit: 1, function: 3, registers: [658, 65435, 1000] }],
    [
      { frame: '00010000000401010105', framing: 'tcp' },
      { unit: 1, function: 1, bits: [true, false, true, false, false, false, false, false] },
    ],
    [
      { frame: '0302000A', framing: 'pdu' },
      { function: 3, registers: [10] },
    ],
    [{ frame: '000A', framing: 'registers' }, { registers: [10] }],
    [
      { frame: '01030000000305CB0103060292FF9B03E8D80F' },
      {
        unit: 1,
        function: 3,
        registers: [658, 65435, 1000],
        skipped: ['the request to unit 1 (function 3, 3 from address 0)'],
      },
    ],
    [
      { frame: '0103060292FF9B03E8D80F010302002D7859' },
      {
        unit: 1,
        function: 3,
        registers: [658, 65435, 1000],
        answers: [
          { unit: 1, function: 3, registers: [658, 65435, 1000] },
          { unit: 1, function: 3, registers: [45] },
        ],
      },
    ],
  ])('decodes %j', (query, expected) => {
    expect(decodeFrameBytes(query)).toEqual({ ok: true, ...expected });
  });

  it('names an exception as the specification does', () => {
    expect(decodeFrameBytes({ frame: '018302C0F1', framing: 'rtu' })).toEqual({
      ok: false,
      reason: 'frame_exception',
      unit: 1,
      function: 3,
      exception_code: 2,
      message: 'illegal data address',
    });
  });

  it.each<[Record<string, unknown>, object]>([
    [{ frame: 'xx' }, { reason: 'frame_malformed' }],
    [{}, { reason: 'frame_malformed' }],
    [
      { frame: '00', framing: 'ascii' },
      { reason: 'frame_malformed', message: 'framing is one of rtu, tcp, pdu, registers' },
    ],
    [{ frame: '01030440C3529362C8' }, { reason: 'frame_crc' }],
    [
      { frame: '0600010003', framing: 'pdu' },
      { reason: 'frame_function', function: 6 },
    ],
  ])('refuses %j', (query, expected) => {
    expect(decodeFrameBytes(query as unknown as FrameQuery)).toMatchObject({ ok: false, ...expected });
  });
});
