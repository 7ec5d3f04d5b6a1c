import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sqsJson } from '../src/sqs-json.ts';

/** What Amazon lists as allowed in a message body, without the supplementary planes that some servers refuse. */
const ALLOWED = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]*$/;

describe('sqsJson', () => {
  it.each([
    ['plain text', 'temp ℃', '"temp ℃"'],
    ['a character outside the basic plane', '🌱', '"\\ud83c\\udf31"'],
    ['a noncharacter', '\uffff', '"\\uffff"'],
    ['a lone surrogate', '\ud800', '"\\ud800"'],
    ['nothing', undefined, 'null'],
  ])('writes %s', (_, value, json) => {
    expect(sqsJson(value)).toBe(json);
  });

  it('writes only what every SQS takes, and reads back as the same value', () => {
    const texts = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(fc.dictionary(texts, texts)), (value) => {
        const json = sqsJson(value);
        expect(json).toMatch(ALLOWED);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
