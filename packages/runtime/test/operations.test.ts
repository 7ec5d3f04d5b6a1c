import { afterEach, describe, expect, it } from 'vitest';
import {
  Counter,
  createMetricsRegistry,
  createOperations,
  type OperationsServer,
  Readiness,
  serveOperations,
} from '../src/index.ts';

const servers: OperationsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start() {
  const readiness = new Readiness();
  const metrics = createMetricsRegistry('test');
  new Counter({ name: 'furrow_test_total', help: 'A count.', registers: [metrics] }).inc(3);
  const server = await serveOperations(createOperations(readiness, metrics), { host: '127.0.0.1', port: 0 });
  servers.push(server);
  return { readiness, server };
}

describe('serveOperations', () => {
  it('answers that the process runs', async () => {
    const { server } = await start();
    const answer = await fetch(`${server.url}/healthz`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'ok' });
  });

  it('answers whether it is ready, and if not, why', async () => {
    const { readiness, server } = await start();
    readiness.notReady('store', 'it does not answer');
    const waiting = await fetch(`${server.url}/readyz`);
    expect(waiting.status).toBe(503);
    expect(await waiting.json()).toEqual({ ready: false, waitingFor: { store: 'it does not answer' } });
    readiness.ready('store');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it('answers the metrics in the Prometheus text format', async () => {
    const { server } = await start();
    const answer = await fetch(`${server.url}/metrics?x=1`);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('furrow_test_total{service="test"} 3');
  });

  it('answers 404 with what there is', async () => {
    const { server } = await start();
    const answer = await fetch(`${server.url}/admin`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ paths: ['/healthz', '/readyz', '/metrics'] });
  });

  it('rejects when the address is taken, and closes twice without complaint', async () => {
    const { server } = await start();
    const port = Number(new URL(server.url).port);
    const operations = createOperations(new Readiness(), createMetricsRegistry('other'));
    await expect(serveOperations(operations, { host: '127.0.0.1', port })).rejects.toThrow(/EADDRINUSE/);
    await server.close();
    await server.close();
  });
});
