import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AGRI_ID_MAX_LENGTH,
  agriId,
  agriIdSchema,
  belongsTo,
  factorAgriId,
  ownerCandidates,
} from '../src/index.ts';

const anyAgriId = fc
  .array(fc.stringMatching(/^[A-Za-z0-9_.]{1,6}$/), { minLength: 1, maxLength: 6 })
  .map((segments) => agriId(segments.join('-')));

describe('agriIdSchema', () => {
  it.each(['d-1000-abcd', 'DEVICE001-1-00', 'd-1000-abcd-01', '868686000123456', 'a', 'x_1.2-3'])(
    'accepts %s',
    (text) => {
      expect(agriIdSchema.parse(text)).toBe(text);
    },
  );

  it.each([
    ['empty', ''],
    ['a leading dash', '-d-1000'],
    ['a trailing dash', 'd-1000-'],
    ['an empty segment', 'd--1000'],
    ['a space', 'd-1000 abcd'],
    ['a slash', 'd/1000'],
    ['a line break at the end', 'd-1000\n'],
    ['a control character', 'd-\u0000'],
    ['more than the longest', 'a'.repeat(AGRI_ID_MAX_LENGTH + 1)],
  ])('refuses %s', (_name, text) => {
    expect(agriIdSchema.safeParse(text).success).toBe(false);
  });
});

describe('belongsTo', () => {
  it.each([
    ['d-1000-abcd', 'd-1000-abcd', true],
    ['d-1000-abcd-1-000', 'd-1000-abcd', true],
    ['d-1000-abcd-01-1-000', 'd-1000-abcd-01', true],
    ['d-1000-abcde-1-000', 'd-1000-abcd', false],
    ['d-1000-abc', 'd-1000-abcd', false],
    ['D-1000-abcd-1-000', 'd-1000-abcd', false],
    ['d-1000-abcd', '', false],
  ])('%s under %s: %s', (child, parent, expected) => {
    expect(belongsTo(child, parent)).toBe(expected);
  });

  it('is what comparing segment by segment says', () => {
    fc.assert(
      fc.property(anyAgriId, anyAgriId, (child, parent) => {
        const parentSegments = parent.split('-');
        const expected = parentSegments.every((segment, index) => child.split('-')[index] === segment);
        expect(belongsTo(child, parent)).toBe(expected);
      }),
    );
  });
});

describe('ownerCandidates', () => {
  it('lists every prefix by segment, longest first, beginning with the id itself', () => {
    expect(ownerCandidates(agriId('d-1000-abcd-1-000'))).toEqual([
      'd-1000-abcd-1-000',
      'd-1000-abcd-1',
      'd-1000-abcd',
      'd-1000',
      'd',
    ]);
  });

  it('lists exactly the ids that the id belongs to', () => {
    fc.assert(
      fc.property(anyAgriId, (id) => {
        const candidates = ownerCandidates(id);
        expect(candidates.every((candidate) => belongsTo(id, candidate))).toBe(true);
        expect(candidates).toHaveLength(id.split('-').length);
      }),
    );
  });
});

describe('factorAgriId', () => {
  it('joins unit, and address and data_index without a separator', () => {
    expect(factorAgriId(agriId('DEVICE001'), 1, 0, 0)).toBe('DEVICE001-1-00');
    expect(factorAgriId(agriId('d'), 1, 1, 11)).toBe(factorAgriId(agriId('d'), 1, 11, 1));
  });
});
