import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const MAIN = resolve(import.meta.dirname, '../chaos/main.ts');

describe('npm run chaos -- --short', () => {
  it('loses, doubles and changes nothing while every kind of fault happens', {
    timeout: 150_000,
  }, async () => {
    const chaos = spawn(process.execPath, [MAIN, '--short', '--seed', '20240216', '--rate', '200']);
    const closed = once(chaos, 'close');
    onTestFinished(async () => {
      // It ends what it started.
      chaos.kill('SIGTERM');
      await closed;
    });
    let output = '';
    for (const stream of [chaos.stdout, chaos.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const [code] = await closed;
    expect(code, output).toBe(0);
    expect(output).toContain('Nothing missing, wrong, twice, astray or stuck, and every ledger in balance.');
    expect(output).toMatch(/\| ledger imbalance \| 0 in [1-9]/);
  });

  it('says what is wrong with its arguments and how they are written', async () => {
    const chaos = spawn(process.execPath, [MAIN, '--minutes', 'long']);
    let output = '';
    chaos.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const [code] = await once(chaos, 'close');
    expect(code).toBe(2);
    expect(output).toContain('--minutes is a number from 0.1 to 1440 (received "long")');
    expect(output).toContain('npm run chaos -- [--minutes 5]');
  });
});
