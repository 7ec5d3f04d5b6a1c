import { describe, expect, it, onTestFinished } from 'vitest';
import { FurrowProcess } from '../support/furrow-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe('kill -9 in the middle of the replay', () => {
  it('stores, after a restart, every point that the API accepted, once', { timeout: 180_000 }, async () => {
    const folder = await tempFolder();
    const start = (...more: string[]): FurrowProcess => {
      const furrow = new FurrowProcess(['dev', '--data', folder, ...more], { FURROW_HTTP: '127.0.0.1:0' });
      onTestFinished(() => furrow.destroy());
      return furrow;
    };
    for (const progress of [/\d of 26,277 readings/, /Going on at hour [\d,]+/]) {
      const furrow = start();
      await furrow.printed(progress);
      furrow.kill('SIGKILL');
      expect(await furrow.exited()).toBeNull();
      expect(furrow.output).not.toContain('Ctrl-C');
    }
    const last = start('--once');
    expect(await last.exited(), last.output).toBe(0);
    expect(last.output).toMatch(/Going on at hour [\d,]+/);
    expect(last.output).toContain('26277 sent, 26277 stored, 0 missing, 0 wrong\n');
    expect(last.output).toContain('imbalance 0');
  });
});
