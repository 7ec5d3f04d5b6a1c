import { describe, expect, it } from 'vitest';
import { backoffMs } from '../src/backoff.ts';

describe('backoffMs', () => {
  it.each([
    [1, 50, 100],
    [2, 100, 200],
    [4, 400, 800],
    [50, 500, 1000],
  ])('after attempt %i is %i to %i ms', (attempt, least, most) => {
    const policy = { baseMs: 100, maxMs: 1000 };
    expect(backoffMs(policy, attempt, () => 0)).toBe(least);
    expect(backoffMs(policy, attempt, () => 1)).toBe(most);
  });
});
