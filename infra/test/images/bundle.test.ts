import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  expectCommandToPass,
  expectReadingToPass,
  sharedDeployment,
  untilReady,
} from '../../../test/support/deployment.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { FurrowProcess } from '../../../test/support/furrow-process.ts';
import { type Bundle, bundleProgram, ROOT } from '../../images/bundle.ts';
import { programInstructions } from '../../images/program-image.ts';
import { PROGRAMS, type Program, type ProgramName } from '../../images/programs.ts';

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
    const { assets = {} }: Program = PROGRAMS[name];
    const files = ['THIRD-PARTY-LICENCES.txt', 'main.mjs', 'main.mjs.map', 'sbom.cdx.json'];
    const present = readdirSync(join(mainFile, '..'), { recursive: true, withFileTypes: true });
    expect(
      present
        .flatMap((file) =>
          file.isFile() ? relative(join(mainFile, '..'), join(file.parentPath, file.name)) : [],
        )
        .sort(),
    ).toEqual([...files, ...Object.keys(assets)].sort());
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

describe('the bundles together', () => {
  const prepare = sharedDeployment();

  it('take a reading from the POST to the reader and a command to the gateway, far from any node_modules', {
    timeout: 120_000,
  }, async () => {
    const { env, devicePk } = await prepare();
    const ingest = await startService('ingest', env);
    const api = await startService('api', env);
    const downlink = await startService('downlink', env);
    await expectReadingToPass(api.url, devicePk);
    await expectCommandToPass(api.url, devicePk, env);

    const page = await fetch(`${api.url}/api/v2/docs/`);
    expect(await page.text()).toContain('swagger-ui-bundle.js');
    for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js'])
      expect((await (await fetch(`${api.url}/api/v2/docs/${file}`)).text()).length).toBeGreaterThan(100_000);

    const services = [ingest, api, downlink];
    for (const { process: service } of services) service.kill('SIGTERM');
    for (const { name, process: service, startedInMs } of services) {
      expect(await service.exited(), service.output).toBe(0);
      const megabytes = (bundleOf(name).bytes / 1e6).toFixed(2);
      process.stderr.write(`The bundle of ${name}: ${megabytes} MB, ready in ${startedInMs.toFixed(0)} ms\n`);
    }
    expect(ingest.process.output).toMatch(/"imbalance":0/);
  });
});

/** Starts a bundle as a service, and waits until it is ready. */
async function startService(name: 'ingest' | 'api' | 'downlink', env: Readonly<Record<string, string>>) {
  const FURROW_HTTP = `127.0.0.1:${await freePort()}`;
  const service = new FurrowProcess([], { ...env, FURROW_HTTP }, folder, bundleOf(name).mainFile);
  onTestFinished(() => service.destroy());
  const url = `http://${FURROW_HTTP}`;
  const startedInMs = await Promise.race([
    untilReady(url),
    service.exited().then(() => Promise.reject(new Error(service.output))),
  ]);
  return { name, url, process: service, startedInMs };
}

describe('programInstructions', () => {
  it.each(['ingest', 'api', 'downlink'] as const)('are those of the Dockerfile for %s', (name) => {
    const dockerfile = readFileSync(join(ROOT, 'infra/images/Dockerfile'), 'utf8');
    const last = dockerfile.slice(dockerfile.lastIndexOf('COPY --from=build')).trim().split('\n').slice(1);
    expect(last).toEqual(programInstructions(PROGRAMS[name]));
  });
});
