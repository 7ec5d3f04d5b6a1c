import { context, propagation, trace } from '@opentelemetry/api';

export interface TracingOptions {
  /** Takes OTLP over HTTP with JSON. */
  readonly endpoint: string;
  /** Name of the process in every span. */
  readonly service: string;
}

/** Spans that wait for the collector; when it is slower than that, further ones are dropped. */
const MAX_QUEUED_SPANS = 2_048;

/**
 * Sends the spans of this process to a collector. The SDK is loaded here and nowhere else, so a process that traces nothing does not carry
 * it. What it resolves to sends what waits and ends tracing; a collector that is out costs spans and nothing else.
 */
export async function startTracing({ endpoint, service }: TracingOptions): Promise<() => Promise<void>> {
  const [sdk, exporter, hooks, core, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
  ]);
  const processor = new sdk.BatchSpanProcessor({
    exporter: new exporter.OTLPTraceExporter({ url: endpoint }),
    maxQueueSize: MAX_QUEUED_SPANS,
  });
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': `furrow-${service}` }),
    spanProcessors: [processor],
  });
  context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return async () => {
    await provider.shutdown().catch(() => undefined);
    trace.disable();
    propagation.disable();
    context.disable();
  };
}
