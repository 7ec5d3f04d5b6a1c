import { describe, expect, it } from 'vitest';
import { REJECT_REASON_CODES, REJECT_REASONS } from '../src/index.ts';

describe('REJECT_REASONS', () => {
  it('has a whole sentence for every code, and codes that are metric labels', () => {
    for (const code of REJECT_REASON_CODES) {
      expect(code).toMatch(/^[a-z_]+$/);
      expect(REJECT_REASONS[code]).toMatch(/^[A-Z].*\.$/);
    }
    expect(REJECT_REASON_CODES).toHaveLength(20);
  });
});
