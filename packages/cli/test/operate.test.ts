import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, ResponseCache, risingClock } from '@furrow/api';
import { openRegistry } from '@furrow/registry';
import { createLogger, createMetricsRegistry, createOperations, Readiness } from '@furrow/runtime';
import { openStore } from '@furrow/timeseries';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFurrow } from './furrow-command.ts';

let folder = '';
let url = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'furrow-operate-'));
  url = `pglite:${join(folder, 'registry')}`;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const furrow = (...args: string[]) => runFurrow(args, '', { FURROW_REGISTRY: url });

/** Status and body of a GET of the API on the registry. */
async function ask(token: string, path: string): Promise<{ status: number; body: { data: unknown } }> {
  const registry = await openRegistry(url);
  const store = await openStore('duckdb::memory:');
  const metrics = createMetricsRegistry('test');
  const server = createServer({
    registry,
    store,
    producer: { send: async () => {} },
    cache: new ResponseCache(),
    operations: createOperations(new Readiness(), metrics),
    metrics,
    logger: createLogger({ service: 'test', level: 'silent' }),
    receivedAt: risingClock(),
  });
  try {
    const response = await server.inject({ url: path, headers: { authorization: `Bearer ${token}` } });
    return { status: response.statusCode, body: response.json() };
  } finally {
    await server.close();
    await store.close();
    await registry.close();
  }
}

// One long case: every command starts PGlite anew, which takes seconds.
describe('furrow org, project, device and token', () => {
  it('begin from nothing, open the API, and close it again', { timeout: 180_000 }, async () => {
    expect(await furrow('org', 'create', 'yanji-lab', '--name', `Yanji "Läb" 温室'`)).toEqual({
      code: 0,
      stdout: 'organization yanji-lab: created\n',
      stderr: '',
    });
    expect(await furrow('project', 'create', 'yanji-lab/alpha')).toMatchObject({ code: 0 });
    const file = join(folder, 'new.csv');
    await writeFile(file, 'device_id,safe_code\n867,8K2P\n868,\n');
    const registered = await furrow('device', 'register', '--csv', file, '--project', 'yanji-lab/alpha');
    expect(registered).toMatchObject({ code: 0, stderr: '2 registered\n' });
    expect(registered.stdout).toMatch(
      /^device_id {2}safe_code {2}agri_id\n867 {8}8K2P {7}d-1000-\w{4}\n868 {8}\w{4} {7}d-1001-\w{4}\n$/,
    );
    const made = await furrow('token', 'create', 'yanji-lab', 'gateways', '--role', 'manager', '--quiet');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^fur_[\w-]{43}\n$/), stderr: '' });
    const token = made.stdout.trim();

    const answer = await ask(token, '/api/v2/projects/alpha/devices/');
    expect(answer).toMatchObject({ status: 200, body: { data: { count: 2 } } });

    const held = await openRegistry(url);
    const inUse = await furrow('org', 'list');
    await held.close();
    expect(inUse).toMatchObject({ code: 2, stdout: '' });
    expect(inUse.stderr).toMatch(/is already open in process \d+; .*Stop npm start/);

    expect(await furrow('token', 'revoke', 'yanji-lab', 'gateways')).toMatchObject({ code: 0 });
    expect((await ask(token, '/api/v2/devices/')).status).toBe(401);
  });

  it.each([
    [
      ['org', 'create', 'a b', '--name', 'x\u001b[2J\u202e'],
      /org: a slug has .*\nfurrow: name: name has no control/,
    ],
    [['device', 'register', '--csv', 'no-such.csv'], /cannot read no-such\.csv: no such file/],
    [['token', 'create', 'yanji-lab', 'x'], /required option '--role <role>' not specified/],
  ])('refuses %j by field and rule, before anything is opened', async (args, message) => {
    const refused = await runFurrow(args, '', { FURROW_REGISTRY: 'pglite:/dev/null/nowhere' });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(message);
    expect(refused.stderr).not.toContain('\u001b');
  });
});
