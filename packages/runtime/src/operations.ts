import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { ListenAddress } from './config.ts';
import type { Liveness } from './liveness.ts';
import type { Readiness } from './readiness.ts';

/** An answer to one of the operators' questions. */
export interface OperationsAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers to `/healthz`, `/readyz` and `/metrics`; undefined for any other path. */
export type Operations = (path: string) => Promise<OperationsAnswer | undefined>;

/**
 * What every process answers to its operators: `/healthz` is 200 while the process moves, 503 with the parts that hang (when a
 * `liveness` watches any); `/readyz` is 200 or 503 with the reasons as JSON, `/metrics` is the Prometheus text format.
 */
export function createOperations(readiness: Readiness, metrics: Registry, liveness?: Liveness): Operations {
  return async (path) => {
    if (path === '/healthz') {
      const hanging = liveness?.report() ?? {};
      if (Object.keys(hanging).length > 0) return json(503, { status: 'hanging', hanging });
      return json(200, { status: 'ok' });
    }
    if (path === '/readyz') {
      const report = readiness.report();
      return json(report.ready ? 200 : 503, report);
    }
    if (path === '/metrics')
      return { status: 200, contentType: metrics.contentType, body: await metrics.metrics() };
    return undefined;
  };
}

/** A listener for processes that have no HTTP of their own. */
export interface OperationsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `operations` over plain HTTP. Rejects when the address cannot be bound. */
export async function serveOperations(
  operations: Operations,
  address: ListenAddress,
): Promise<OperationsServer> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    operations(path)
      .then(
        (answer) => answer ?? json(404, { status: 'not found', paths: ['/healthz', '/readyz', '/metrics'] }),
      )
      .catch(() => json(500, { status: 'error' }))
      .then((answer) => {
        response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  return { url: serverUrl(server), close: () => closeServer(server) };
}

function json(status: number, body: unknown): OperationsAnswer {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}

function serverUrl(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
