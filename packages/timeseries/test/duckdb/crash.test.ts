import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MAX_PAGE_SIZE, openStore, type PointStore } from '@furrow/timeseries';
import { describe, expect, it } from 'vitest';
import { CRASH_FACTORS, CRASH_NOW, crashBatch } from './crash-batches.ts';
import { temporaryFolder } from './temp-folder.ts';

const WRITER = fileURLToPath(new URL('crash-writer.ts', import.meta.url));
const ROUNDS = 5;

/** Small numbers out of a fixed seed (a linear congruential generator; Knuth's constants). */
function seeded(seed: bigint): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number((state >> 33n) % BigInt(limit));
  };
}

/** Lets a process write from batch `first` on, kills it some milliseconds after `acknowledgements`; the last one it gave. */
async function writeAndKill(
  url: string,
  first: number,
  acknowledgements: number,
  delayMs: number,
): Promise<number> {
  const child = spawn(process.execPath, [WRITER, url, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let last = first - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    expect(Number(line)).toBe(last + 1);
    last += 1;
    if (last - first + 1 === acknowledgements) setTimeout(() => child.kill('SIGKILL'), delayMs);
  }
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  return last;
}

/** The version of every stored point by `<agri_id> <t>`; fails when a key is there twice. */
async function storedVersions(store: PointStore): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  const twice: string[] = [];
  for (const agriId of CRASH_FACTORS) {
    for (let page = 1, seen = 0, total = 1; seen < total; page += 1) {
      const result = await store.history({ agriId, page, pageSize: MAX_PAGE_SIZE, minT: 0 });
      total = result.total;
      seen += result.points.length;
      if (result.points.length === 0) break;
      for (const { t, version } of result.points) {
        if (versions.has(`${agriId} ${t}`)) twice.push(`${agriId} ${t}`);
        versions.set(`${agriId} ${t}`, version);
      }
    }
  }
  expect(twice).toEqual([]);
  return versions;
}

/** Versions that the acknowledged batches must have left. */
function expectedVersions(acknowledged: number): Map<string, number> {
  const versions = new Map<string, number>();
  for (let number = 0; number <= acknowledged; number += 1) {
    for (const { agriId, t, version } of crashBatch(number)) versions.set(`${agriId} ${t}`, version);
  }
  return versions;
}

describe('openStore after kill -9', () => {
  it('finds every acknowledged point once, and the last batch whole or not at all', {
    timeout: 60_000,
  }, async () => {
    const file = join(await temporaryFolder(), 'points.duckdb');
    const url = `duckdb:${file}?threads=1&checkpoint_threshold=300KB`;
    const random = seeded(20260216n);
    let next = 0;
    let logsLeft = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const last = await writeAndKill(url, next, 1 + random(12), random(40));
      if (existsSync(`${file}.wal`)) logsLeft += 1;
      const store = await openStore(url, { clock: () => CRASH_NOW });
      const found = await storedVersions(store);
      const inFlight = crashBatch(last + 1);
      const arrived = inFlight.filter(({ agriId, t }) => found.get(`${agriId} ${t}`) === last + 1);
      expect([0, inFlight.length]).toContain(arrived.length);
      const expected = expectedVersions(arrived.length > 0 ? last + 1 : last);
      expect([...expected].filter(([key, version]) => found.get(key) !== version)).toEqual([]);
      expect(found.size).toBe(expected.size);
      await store.close();
      // Sent again in the next round, as a queue does with what was not acknowledged.
      next = last + 1;
    }
    // The kills must have hit stores with work in their log, or the test proves nothing.
    expect(logsLeft).toBeGreaterThan(0);
  });
});
