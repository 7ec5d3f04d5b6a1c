import { describe, expect, it } from 'vitest';
import { clampDelaySeconds, retryDelaySeconds } from '../../src/consumer/outcome.ts';

describe('retryDelaySeconds', () => {
  it.each([
    [1, 1, 2],
    [2, 2, 4],
    [5, 16, 32],
    [1000, 450, 900],
  ])('after delivery %i is %i to %i s', (receiveCount, least, most) => {
    expect(retryDelaySeconds(receiveCount, () => 0)).toBe(least);
    expect(retryDelaySeconds(receiveCount, () => 1)).toBe(most);
  });
});

describe('clampDelaySeconds', () => {
  it.each([
    [0, 0],
    [-3, 0],
    [Number.NaN, 0],
    [0.2, 1],
    [17, 17],
    [1e9, 43_200],
  ])('makes %f to %i', (wish, seconds) => {
    expect(clampDelaySeconds(wish)).toBe(seconds);
  });
});
