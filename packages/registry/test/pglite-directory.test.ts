import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockDataDir } from '../src/engine/data-dir-lock.ts';
import { openRegistry, RegistryError, RegistryInUseError } from '../src/index.ts';
import { device, fleet, org } from './fleets.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'furrow-registry-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Starts the seeding child; kills it once it has acknowledged `acknowledged` fleets. Gives what it acknowledged. */
function killedSeeder(directory: string, acknowledged: number): Promise<string[]> {
  const script = fileURLToPath(new URL('./fixtures/seed-until-killed.ts', import.meta.url));
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > acknowledged) child.kill('SIGKILL');
  });
  return new Promise((resolve) => {
    child.on('close', () => resolve(output.split('\n').slice(0, -1)));
  });
}

describe('a PGlite directory', () => {
  it('has everything that was acknowledged before kill -9, and starts again', async () => {
    const directory = join(root, 'killed');
    const acknowledged = await killedSeeder(directory, 5);
    expect(acknowledged.length).toBeGreaterThanOrEqual(5);
    expect(existsSync(`${directory}.lock`)).toBe(true);

    const registry = await openRegistry(`pglite:${directory}`);
    const seeded = fleet(
      org(
        'yanji-lab',
        acknowledged.map((id) => device(id)),
      ),
    );
    const report = await registry.applyFleet(seeded);
    expect(report.devices).toEqual({ created: 0, updated: 0, unchanged: acknowledged.length });
    expect(report.factors.unchanged).toBe(acknowledged.length);

    await expect(openRegistry(`pglite:${directory}`)).rejects.toThrow(RegistryInUseError);
    await registry.close();
    await registry.close();
    expect(existsSync(`${directory}.lock`)).toBe(false);
    await expect(registry.probe()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });

  it('is made anew when its first start was killed halfway', async () => {
    const directory = join(root, 'killed');
    writeFileSync(`${directory}.unfinished`, '');
    rmSync(join(directory, 'base'), { recursive: true });
    const registry = await openRegistry(`pglite:${directory}`);
    await registry.probe();
    await registry.close();
    expect(existsSync(`${directory}.unfinished`)).toBe(false);
  });

  it('that cannot be made is an error that says why', async () => {
    writeFileSync(join(root, 'file'), '');
    const error = await openRegistry(`pglite:${join(root, 'file', 'registry')}`).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RegistryError);
    expect(error).toMatchObject({ code: 'REGISTRY_OPEN_FAILED', retryable: false });
  });
});

describe('lockDataDir', () => {
  const lockFile = (name: string) => join(root, `${name}.lock`);

  it('is held once, and given back', () => {
    const directory = join(root, 'held');
    const lock = lockDataDir(directory);
    expect(() => lockDataDir(directory)).toThrow(/already open in this process/);
    lock.release();
    lock.release();
    lockDataDir(directory).release();
  });

  it('names the living process that holds it', () => {
    writeFileSync(lockFile('parent'), `${process.ppid} \n`);
    expect(() => lockDataDir(join(root, 'parent'))).toThrow(`process ${process.ppid}`);
  });

  it.each([
    ['a process that is gone', '4194999 1'],
    ['an earlier process with the same id', `${process.pid} 1`],
    ['nobody', ''],
    ['something else', 'not a lock'],
  ])('is taken over from %s', (_, content) => {
    writeFileSync(lockFile('stale'), `${content}\n`);
    const lock = lockDataDir(join(root, 'stale'));
    expect(readFileSync(lockFile('stale'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    lock.release();
  });

  it('is not given back for somebody else', () => {
    const lock = lockDataDir(join(root, 'lost'));
    writeFileSync(lockFile('lost'), 'another holder\n');
    lock.release();
    expect(existsSync(lockFile('lost'))).toBe(true);
  });
});
