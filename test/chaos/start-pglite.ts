import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** An empty PGlite that several processes reach over the wire of PostgreSQL. */
export interface PgliteServer {
  readonly url: string;
  readonly pid: number | undefined;
  close(): Promise<void>;
}

/** Starts `pglite-server.ts` as a process of its own. */
export async function startPglite(): Promise<PgliteServer> {
  const server = spawn(process.execPath, [resolve(import.meta.dirname, 'pglite-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(server, 'exit');
  const [port] = await Promise.race([
    once(server.stdout, 'data'),
    exited.then(() => Promise.reject(new Error('PGlite did not start'))),
  ]);
  const close = async (): Promise<void> => {
    server.stdin.end();
    await exited;
  };
  return { url: `postgres://postgres@127.0.0.1:${String(port).trim()}/postgres`, pid: server.pid, close };
}
