import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTracing } from '@furrow/runtime';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEVICE, startGreenhouse } from '../support/all-in-one.ts';
import { addStation, hearOfStation } from '../support/station.ts';

interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string }[];
}

describe('a trace', () => {
  const spans: ExportedSpan[] = [];
  const collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { resourceSpans = [] } = JSON.parse(Buffer.concat(chunks).toString());
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  let endTracing: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const { port } = collector.address() as AddressInfo;
    // Once for all: a process has one tracer, for good.
    endTracing = await startTracing({ endpoint: `http://127.0.0.1:${port}/v1/traces`, service: 'test' });
  });
  afterAll(async () => {
    await endTracing?.();
    collector.close();
  });

  /** The spans of these traces, by name, when there are `count`; they come in batches, every five seconds. */
  const spansOf = async (traceIds: readonly string[], count: number): Promise<ExportedSpan[]> => {
    const found = () => spans.filter(({ traceId }) => traceIds.includes(traceId));
    await vi.waitFor(() => expect(found().length).toBeGreaterThanOrEqual(count), {
      timeout: 20_000,
      interval: 100,
    });
    return found().sort((one, other) => one.name.localeCompare(other.name));
  };

  it('goes from the caller through the API and the message to the write of the store', {
    timeout: 60_000,
  }, async () => {
    const { furrow, call, dataPath } = await startGreenhouse();
    const traceIds = ['0af7651916cd43dd8448eb211c80319c', '0af7651916cd43dd8448eb211c80319d'];
    const post = (traceId: string, value: number) =>
      call(dataPath, {
        method: 'POST',
        body: JSON.stringify([
          { agri_id: `${DEVICE}-1-00`, value, t: Math.floor(Date.now() / 1000) - value },
        ]),
        headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
      });
    for (const { status } of await Promise.all(traceIds.map((id, index) => post(id, index))))
      expect(status).toBe(200);
    await vi.waitFor(() => expect(furrow.ledger().messages.acked).toBe(2), 20_000);
    const spans = await spansOf(traceIds, 7);

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

  it('of a command goes from the caller through the API to its delivery', {
    timeout: 60_000,
  }, async () => {
    const { furrow, call } = await startGreenhouse();
    const { inProject, turnOn } = await addStation(furrow);
    await hearOfStation(furrow, call, inProject);
    const traceId = '0af7651916cd43dd8448eb211c80319e';
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    const given = await call(turnOn, { method: 'POST', headers });
    const { token } = given.json.data as { token: string };
    await vi.waitFor(
      async () =>
        expect((await call(`/api/v2/commands/${token}/`)).json.data).toMatchObject({ state: 'confirmed' }),
      { timeout: 10_000, interval: 50 },
    );
    const [command, deliver, ...others] = await spansOf([traceId], 2);
    expect([command?.name, deliver?.name, others]).toEqual(['api.command', 'downlink.deliver', []]);
    expect(command?.parentSpanId).toBe('b7ad6b7169203331');
    expect(deliver?.parentSpanId).toBe(command?.spanId);
  });
});
