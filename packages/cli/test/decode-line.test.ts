import { REJECT_REASON_CODES } from '@furrow/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine } from '../src/decode/decode-line.ts';

const decode = (text: string | Uint8Array) => decodeLine({ ok: true, bytes: Buffer.from(text) });

describe('decodeLine', () => {
  it.each([
    [
      '{"hex":"FFD6","data_type":"int16","data_endian":"ABCD","data_index":0,"bit":3,"length":2,"data_factor":0.1,"data_delta":0}',
      { ok: true, raw: -42, value: -4.2 },
    ],
    ['{"hex":"FFD6","data_type":"int16"}\r', { ok: true, raw: -42, value: -42 }],
    ['\uFEFF{"hex":"FFD6","data_type":"int16"}', { ok: true, raw: -42, value: -42 }],
    ['{"hex":"FFD6","data_type":"int16","bit":null,"data_endian":null}', { ok: true, raw: -42, value: -42 }],
    [
      '{"hex":"FFFFFFFFFFFFFFFF","data_type":"uint64"}',
      { ok: true, raw: '18446744073709551615', value: '18446744073709551615' },
    ],
    ['{"hex":"41424300","data_type":"string"}', { ok: true, raw: 'ABC', value: 'ABC' }],
    [
      '{"hex":"FFFFFFFFFFFFFFFE","data_type":"uint64","sentinels":[18446744073709551615]}',
      { ok: true, raw: '18446744073709551614', value: '18446744073709551614' },
    ],
    ['{"frame":"010302002D7859"}', { ok: true, unit: 1, function: 3, registers: [45] }],
    ['{"frame":"010302002D7859","framing":null}', { ok: true, unit: 1, function: 3, registers: [45] }],
  ])('answers %s', (line, answer) => {
    expect(decode(line)).toEqual(answer);
  });

  it('keeps a sentinel beyond 2^53 apart from its neighbours', () => {
    const line = '{"hex":"FFFFFFFFFFFFFFFF","data_type":"uint64","sentinels":[18446744073709551615]}';
    expect(decode(line)).toMatchObject({ ok: false, reason: 'no_reading' });
  });

  it.each([
    ['', 'malformed_json', 'the line is empty'],
    ['\r', 'malformed_json', 'the line is empty'],
    ['{"hex":', 'malformed_json', 'JSON'],
    ['+ERROR:7', 'malformed_json', 'JSON'],
    ['[1]', 'schema_invalid', 'an array of 1'],
    ['null', 'schema_invalid', 'null'],
    ['42', 'schema_invalid', '42'],
    ['{}', 'decode_failed', 'hex'],
    ['{"hex":"00","frame":"00"}', 'decode_failed', 'not both'],
    ['{"hex":"0001","data_type":"int17"}', 'decode_failed', 'int17'],
    ['{"hex":"7FC00000","data_type":"float"}', 'not_finite', 'NaN'],
    ['{"frame":5}', 'frame_malformed', 'hexadecimal'],
    ['{"frame":"010302002D7858"}', 'frame_crc', 'CRC'],
  ])('refuses %j as %s', (line, reason, message) => {
    expect(decode(line)).toEqual({ ok: false, reason, message: expect.stringContaining(message) });
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(decode(Uint8Array.of(0x22, 0xff, 0x22))).toEqual({
      ok: false,
      reason: 'malformed_json',
      message: 'the line is not UTF-8',
    });
  });

  it('refuses a line beyond the limit', () => {
    expect(decodeLine({ ok: false, length: 2_000_000 })).toEqual({
      ok: false,
      reason: 'malformed_json',
      message: 'the line has 2000000 bytes, more than the 1048576 of the limit',
    });
  });

  it('answers any bytes and any JSON with one line of JSON', () => {
    const isAnswered = (bytes: Uint8Array): void => {
      const answer = decodeLine({ ok: true, bytes });
      expect(JSON.stringify(answer)).not.toContain('\n');
      if (!answer.ok) expect(REJECT_REASON_CODES).toContain(answer.reason);
    };
    fc.assert(fc.property(fc.uint8Array(), isAnswered));
    fc.assert(fc.property(fc.json(), (text) => isAnswered(Buffer.from(text))));
    const fields = fc.record(
      { hex: fc.anything(), frame: fc.anything(), framing: fc.anything() },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(fields, (query) => isAnswered(Buffer.from(stringify(query)))));
  });
});

/** JSON of anything: what has no JSON becomes null. */
function stringify(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? 'null';
}
