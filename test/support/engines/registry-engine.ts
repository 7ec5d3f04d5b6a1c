import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { startPglite } from '../../chaos/start-pglite.ts';
import { type ContainerEngine, startContainer } from './container-engine.ts';
import type { OpenEngine } from './open-engine.ts';

/** A PostgreSQL for the registry of several processes. */
export interface RegistryEngine extends OpenEngine {
  /** The URL of a database that no other test has; of the same empty one each time where the server has only one. */
  createDatabase(): Promise<string>;
}

export const POSTGRES: ContainerEngine = {
  variable: 'FURROW_POSTGRES_IMAGE',
  image: 'postgres:17-alpine',
  port: 5432,
  create: async (image) => {
    const { GenericContainer, Wait } = await import('testcontainers');
    return (
      new GenericContainer(image)
        .withEnvironment({ POSTGRES_USER: 'furrow', POSTGRES_HOST_AUTH_METHOD: 'trust' })
        .withExposedPorts(5432)
        // Its set-up says so once before the server that stays.
        .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    );
  },
  url: (address) => `postgres://furrow@${address}/postgres`,
};

/** The server that FURROW_TEST_POSTGRES names, else one in a container, else PGlite on a socket. */
export async function openRegistryEngine(): Promise<RegistryEngine> {
  const given = process.env['FURROW_TEST_POSTGRES'];
  if (given) return serverAt(given, 'the server of FURROW_TEST_POSTGRES', async () => {});
  const answer = await startContainer(POSTGRES);
  if (answer.kind === 'started') return serverAt(answer.url, answer.from, answer.stop);
  const { url, close } = await startPglite();
  return { from: `PGlite on a socket (${answer.why})`, close, createDatabase: async () => url };
}

function serverAt(server: string, from: string, stop: () => Promise<void>): RegistryEngine {
  const names: string[] = [];
  const createDatabase = async (): Promise<string> => {
    const name = `furrow_test_${randomBytes(6).toString('hex')}`;
    await run(server, `create database ${name}`);
    names.push(name);
    const url = new URL(server);
    url.pathname = `/${name}`;
    return url.href;
  };
  const close = async (): Promise<void> => {
    for (const name of names.splice(0)) await run(server, `drop database ${name} with (force)`);
    await stop();
  };
  return { from, createDatabase, close };
}

async function run(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
