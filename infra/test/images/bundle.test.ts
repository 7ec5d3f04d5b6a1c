import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleProgram, ROOT } from '../../images/bundle.ts';
import { imageInstructions } from '../../images/image-instructions.ts';
import { PROGRAMS, type ProgramName } from '../../images/programs.ts';

const run = promisify(execFile);
const NAMES = Object.keys(PROGRAMS) as ProgramName[];

let folder = '';
const bundles = new Map<ProgramName, Bundle>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'furrow-bundles-'));
  for (const name of NAMES) bundles.set(name, await bundleProgram(name, folder));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bundleOf(name: ProgramName): Bundle {
  const bundle = bundles.get(name);
  if (bundle === undefined) throw new Error(`${name} was not bundled`);
  return bundle;
}

/** Runs a bundle where no node_modules is near and nothing of the environment is known. */
function start(name: ProgramName, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return run(process.execPath, [bundleOf(name).mainFile, ...args], { cwd: folder, env, timeout: 20_000 });
}

describe('bundleProgram', () => {
  it('gives the same bytes for the same sources', async () => {
    const again = mkdtempSync(join(tmpdir(), 'furrow-again-'));
    try {
      const second = await bundleProgram('ingest', again);
      for (const file of ['main.mjs', 'sbom.cdx.json', 'THIRD-PARTY-LICENCES.txt'])
        expect(readFileSync(join(second.mainFile, '..', file), 'utf8')).toBe(
          readFileSync(join(bundleOf('ingest').mainFile, '..', file), 'utf8'),
        );
    } finally {
      rmSync(again, { recursive: true, force: true });
    }
  });

  it.each(NAMES)('%s is one file without a path of this machine', (name) => {
    const { mainFile } = bundleOf(name);
    expect(readdirSync(join(mainFile, '..')).sort()).toEqual([
      'THIRD-PARTY-LICENCES.txt',
      'main.mjs',
      'main.mjs.map',
      'sbom.cdx.json',
    ]);
    expect(readFileSync(mainFile, 'utf8')).not.toContain(ROOT);
  });

  it.each(['ingest', 'api', 'downlink', 'furrow'] as const)('%s holds no engine of development', (name) => {
    const names = bundleOf(name).packages.map((found) => found.name);
    expect(names).toContain('pg');
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/duckdb|pglite|fauxqs|aedes/)]));
  });

  it.each(NAMES)('%s lists every package inside, with a licence that may be passed on', (name) => {
    const { packages, mainFile } = bundleOf(name);
    const bill = JSON.parse(readFileSync(join(mainFile, '../sbom.cdx.json'), 'utf8'));
    const listed = bill.components.map((found: { purl: string }) => decodeURIComponent(found.purl));
    expect(listed).toEqual(
      expect.arrayContaining(packages.map((found) => `pkg:npm/${found.name}@${found.version}`)),
    );
    expect(listed).toHaveLength(packages.length + 1);
    for (const { licence } of packages)
      expect(licence).toMatch(/^\(?(MIT|Apache-2\.0|ISC|0?BSD(-[23]-Clause)?|BlueOak-1\.0\.0)\b/);
  });

  it('starts far from the checkout and says what is missing', async () => {
    await expect(start('ingest', [])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('FURROW_UPLINK_QUEUE_URL: the URL of an SQS queue (it is not set)'),
    });
  });

  it('decodes from the command bundle', async () => {
    const flags = ['decode', '--hex', 'FFD6', '--data-type', 'int16', '--data-factor', '0.1'];
    expect((await start('furrow', flags)).stdout).toContain('-4.2');
  });

  it('refuses an embedded store by name, with what to use instead', async () => {
    const env = {
      FURROW_UPLINK_QUEUE_URL: 'http://127.0.0.1:1/0/a',
      FURROW_QUARANTINE_QUEUE_URL: 'http://127.0.0.1:1/0/b',
      FURROW_HTTP: '127.0.0.1:0',
      FURROW_REGISTRY: 'pglite::memory:',
      FURROW_STORE: 'duckdb::memory:',
    };
    await expect(start('ingest', [], env)).rejects.toMatchObject({
      stderr: expect.stringMatching(/built without DuckDB.*timestream:\/\//),
    });
  });
});

describe('imageInstructions', () => {
  it.each(['ingest', 'api', 'downlink'] as const)('are those of the Dockerfile for %s', (name) => {
    const dockerfile = readFileSync(join(ROOT, 'infra/images/Dockerfile'), 'utf8');
    const last = dockerfile.slice(dockerfile.lastIndexOf('COPY --from=build')).trim().split('\n').slice(1);
    expect(last).toEqual(imageInstructions(PROGRAMS[name]));
  });
});
