import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTracing } from '@furrow/runtime';
import { expect, it, onTestFinished, vi } from 'vitest';
import { DEVICE, startGreenhouse } from '../support/all-in-one.ts';

interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string }[];
}

/** A collector that keeps the spans it is sent. */
async function startCollector() {
  const spans: ExportedSpan[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { resourceSpans = [] } = JSON.parse(Buffer.concat(chunks).toString());
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { spans, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces` };
}

it('a trace goes from the caller through the API and the message to the write of the store', {
  timeout: 60_000,
}, async () => {
  const { spans, endpoint } = await startCollector();
  const endTracing = await startTracing({ endpoint, service: 'test' });
  onTestFinished(endTracing);
  const { furrow, call, dataPath } = await startGreenhouse();
  const traceIds = ['0af7651916cd43dd8448eb211c80319c', '0af7651916cd43dd8448eb211c80319d'];
  const post = (traceId: string, value: number) =>
    call(dataPath, {
      method: 'POST',
      body: JSON.stringify([{ agri_id: `${DEVICE}-1-00`, value, t: Math.floor(Date.now() / 1000) - value }]),
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    });
  for (const { status } of await Promise.all(traceIds.map((id, index) => post(id, index))))
    expect(status).toBe(200);
  await vi.waitFor(() => expect(furrow.ledger().messages.acked).toBe(2), 20_000);
  await endTracing();

  for (const traceId of traceIds) {
    const named = (name: string) => spans.filter((span) => span.name === name && span.traceId === traceId);
    const [post] = named('api.post');
    const [send] = named('queue.send');
    const [handle] = named('ingest.handle');
    expect(post?.parentSpanId).toBe('b7ad6b7169203331');
    expect(send?.parentSpanId).toBe(post?.spanId);
    expect(handle?.parentSpanId).toBe(send?.spanId);
  }
  const linked = spans.filter(({ name }) => name === 'store.write').flatMap(({ links = [] }) => links);
  expect(linked.map(({ traceId }) => traceId).sort()).toEqual(traceIds);
});
