import { testEngines } from '../../packages/registry/test/engines.ts';
import { startPglite } from './start-pglite.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** The registry of a run, with a wire to it that can be cut. */
export interface RegistrySide {
  /** What it runs on, for the report. */
  readonly engine: string;
  /** Past the wire, for the runner itself. */
  readonly directUrl: string;
  /** Over the wire, for the processes under test. */
  readonly url: string;
  readonly line: TcpProxy;
  /** Of the process that serves it; undefined for a server that was there before. */
  readonly pid: number | undefined;
  close(): Promise<void>;
}

/** PostgreSQL where FURROW_TEST_POSTGRES names a server, else PGlite on a socket in a process of its own. */
export async function startRegistry(): Promise<RegistrySide> {
  const { engine, directUrl, pid, dispose } = process.env['FURROW_TEST_POSTGRES']
    ? await newDatabase()
    : await pgliteServer();
  const { hostname, port } = new URL(directUrl);
  const line = await TcpProxy.start({ host: hostname, port: Number(port || 5432) });
  const url = new URL(directUrl);
  url.host = `127.0.0.1:${line.port}`;
  const close = async (): Promise<void> => {
    await line.close();
    await dispose();
  };
  return { engine, directUrl, url: url.href, line, pid, close };
}

async function newDatabase() {
  const postgres = testEngines().find(({ name }) => name === 'postgres');
  if (postgres === undefined) throw new Error('FURROW_TEST_POSTGRES names no server');
  const { url, dispose } = await postgres.open();
  return { engine: 'PostgreSQL', directUrl: url, pid: undefined, dispose };
}

async function pgliteServer() {
  const { url, pid, close } = await startPglite();
  return { engine: 'PGlite on a socket', directUrl: url, pid, dispose: close };
}
