import { describe, expect, it, onTestFinished } from 'vitest';
import { FurrowProcess } from '../support/furrow-process.ts';

describe('furrow dev --once', () => {
  it('plays the year, reads every point back, and exits with 0', { timeout: 120_000 }, async () => {
    const furrow = new FurrowProcess(['dev', '--once']);
    onTestFinished(() => furrow.destroy());
    expect(await furrow.exited(), furrow.output).toBe(0);
    expect(furrow.output).toContain('26277 sent, 26277 stored, 0 missing, 0 wrong\n');
    expect(furrow.output).toContain('imbalance 0');
    expect(furrow.output).not.toMatch(/warn|error|deprecat|experimental/i);
  });
});
