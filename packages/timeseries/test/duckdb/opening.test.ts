import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agriId } from '@furrow/contracts';
import { openStore, StoreCorruptError, StoreLockedError, StoreUnavailableError } from '@furrow/timeseries';
import { openDuckDbStore } from '@furrow/timeseries/duckdb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CRASH_NOW, crashBatch } from './crash-batches.ts';
import { temporaryFolder } from './temp-folder.ts';

const WRITER = fileURLToPath(new URL('crash-writer.ts', import.meta.url));
const clock = () => CRASH_NOW;

/** A database file with a few points in it, closed. */
async function filledFile(): Promise<string> {
  const file = join(await temporaryFolder(), 'points.duckdb');
  const store = await openStore(`duckdb:${file}`, { clock });
  await store.write(crashBatch(0));
  await store.close();
  return file;
}

describe('openDuckDbStore', () => {
  it('creates the folder of its file', async () => {
    const file = join(await temporaryFolder(), 'a', 'b c', 'points.duckdb');
    const store = await openDuckDbStore(`duckdb:${file.replaceAll(' ', '%20')}`);
    await store.close();
    expect((await stat(file)).isFile()).toBe(true);
  });

  it('names the process that has the file open', async () => {
    const file = join(await temporaryFolder(), 'points.duckdb');
    const holder = spawn(process.execPath, [WRITER, `duckdb:${file}`, '2'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(async () => {
      holder.kill('SIGKILL');
      if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit');
    });
    await once(holder.stdout, 'data');
    const opening = openDuckDbStore(`duckdb:${file}`);
    await expect(opening).rejects.toThrow(StoreLockedError);
    await expect(opening).rejects.toMatchObject({
      code: 'store_locked',
      retryable: true,
      holderPid: holder.pid,
    });
  });

  it('does not open a file twice in one process, by whatever path', async () => {
    const file = await filledFile();
    const link = `${file}.link`;
    await symlink(file, link);
    const store = await openDuckDbStore(`duckdb:${file}`, { clock });
    for (const path of [file, link, file.replace('points', './points')]) {
      const second = openDuckDbStore(`duckdb:${path}`);
      await expect(second).rejects.toThrow(StoreLockedError);
      await expect(second).rejects.toMatchObject({ holderPid: process.pid });
    }
    expect(await store.write(crashBatch(0))).toMatchObject({ stored: 0, alreadyStored: 3_000 });
    await store.close();
    await (await openDuckDbStore(`duckdb:${link}`)).close();
  });

  it.each([
    ['is something else', async (file: string) => writeFile(file, 'id,value\n1,2\n'.repeat(2_000))],
    ['is cut short', async (file: string) => truncate(file, 5_000)],
    ['has a damaged header', async (file: string) => flipBytes(file, 4_096, 12_000)],
    ['has damaged blocks', async (file: string) => flipBytes(file, 12_288, Number.MAX_SAFE_INTEGER)],
  ])('refuses a file that %s, and leaves it as it is', async (_, damage) => {
    const file = await filledFile();
    await damage(file);
    const before = await readFile(file);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const opening = openDuckDbStore(`duckdb:${file}`, { clock });
      await expect(opening).rejects.toThrow(StoreCorruptError);
      await expect(opening).rejects.toMatchObject({ code: 'store_corrupt', retryable: false });
    }
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  it('opens after a log that was cut in the middle of a record, with what came before', async () => {
    const file = join(await temporaryFolder(), 'points.duckdb');
    const writer = spawn(process.execPath, [WRITER, `duckdb:${file}`, '2'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(writer.stdout, 'data');
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const log = await stat(`${file}.wal`);
    await truncate(`${file}.wal`, log.size - 7);
    const store = await openDuckDbStore(`duckdb:${file}`, { clock });
    await expect(store.probe()).resolves.toBeUndefined();
    await store.write(crashBatch(2));
    const history = { agriId: agriId('d-1-0'), page: 1, pageSize: 1, minT: 0 };
    expect((await store.history(history)).points[0]?.version).toBeGreaterThanOrEqual(2);
    await store.close();
  });

  it('says that a folder is no file', async () => {
    const folder = join(await temporaryFolder(), 'points.duckdb');
    await mkdir(folder);
    await expect(openDuckDbStore(`duckdb:${folder}`)).rejects.toThrow(StoreUnavailableError);
  });
});

async function flipBytes(file: string, from: number, to: number): Promise<void> {
  const bytes = await readFile(file);
  for (let i = from; i < Math.min(to, bytes.length); i += 1) bytes[i] = (bytes[i] ?? 0) ^ 0x5a;
  await writeFile(file, bytes);
}
