import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { Engine } from '../src/engine/engine.ts';
import { openEngine } from '../src/engine/open-engine.ts';

/** An empty, migrated database for one test file. */
export interface TestEngine {
  readonly name: Engine['name'];
  open(): Promise<{ readonly engine: Engine; readonly url: string; readonly dispose: () => Promise<void> }>;
}

/**
 * The engines that the suites run on: PGlite always, PostgreSQL when FURROW_TEST_POSTGRES is the URL of a server on which
 * databases may be created. With FURROW_TEST_ENGINES=required a missing server is a failure; otherwise it is said loudly.
 */
export function testEngines(): readonly TestEngine[] {
  const server = process.env['FURROW_TEST_POSTGRES'];
  if (server) return [pglite, postgres(server)];
  const missing =
    'FURROW_TEST_POSTGRES is not set: the registry is NOT tested on PostgreSQL, only on PGlite.';
  if (process.env['FURROW_TEST_ENGINES'] === 'required') throw new Error(missing);
  process.stderr.write(`\n*** ${missing} ***\n\n`);
  return [pglite];
}

const pglite: TestEngine = {
  name: 'pglite',
  open: async () => {
    const url = 'pglite::memory:';
    const engine = await openEngine(url);
    return { engine, url, dispose: () => engine.close() };
  },
};

function postgres(server: string): TestEngine {
  return {
    name: 'postgres',
    open: async () => {
      const database = `furrow_test_${randomBytes(6).toString('hex')}`;
      await onServer(server, `create database ${database}`);
      const url = new URL(server);
      url.pathname = `/${database}`;
      // Three start at once on the empty database, as services do; the suite looks at what became of the migrations.
      const [engine, ...others] = await Promise.all([
        openEngine(url.href),
        openEngine(url.href),
        openEngine(url.href),
      ]);
      for (const other of others) await other.close();
      const dispose = async () => {
        await engine.close();
        await onServer(server, `drop database ${database} with (force)`);
      };
      return { engine, url: url.href, dispose };
    },
  };
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
