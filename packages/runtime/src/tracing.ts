import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** The span of a message, for the span of what is done for many messages at once. */
export type SpanLink = SpanContext;

/** Names and values of W3C trace headers, as they came in HTTP headers or message attributes. */
export type TraceHeaders = Readonly<Record<string, string | undefined>>;

export interface SpanOptions {
  readonly kind: 'server' | 'producer' | 'consumer' | 'client';
  /** Where the trace came from: its span is the parent. Without it the active span is. */
  readonly from?: TraceHeaders;
  /** The spans for which the work is done together; the first of them is the parent. */
  readonly links?: readonly SpanLink[];
  readonly attributes?: Attributes;
}

const KINDS = {
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
} as const;

/** What travels with a message; the API's sender may add no more to it. */
const HEADERS = ['traceparent', 'tracestate'] as const;

const tracer = trace.getTracer('furrow');

/** Does `work` inside a span, which ends with it, as failed when it rejects. Costs next to nothing while no OpenTelemetry SDK is registered. */
export async function inSpan<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  const { kind, links = [], attributes = {} } = options;
  const parent = parentOf(options);
  const span = tracer.startSpan(
    name,
    { kind: KINDS[kind], attributes, links: links.map((link) => ({ context: link })) },
    parent,
  );
  try {
    return await context.with(trace.setSpan(parent, span), work);
  } catch (error) {
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: error instanceof Error ? error.message : String(error),
    });
    throw error;
  } finally {
    span.end();
  }
}

/** The span in which the caller runs, when it is recorded; undefined when nobody traces. */
export function activeSpan(): SpanLink | undefined {
  const span = trace.getActiveSpan();
  return span?.isRecording() ? span.spanContext() : undefined;
}

/** The W3C headers of the active span, for a message or a request; empty when nobody traces. */
export function traceHeaders(): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return Object.fromEntries(
    HEADERS.flatMap((name) => (carrier[name] === undefined ? [] : [[name, carrier[name]]])),
  );
}

function parentOf({ from, links }: SpanOptions) {
  if (from) return propagation.extract(ROOT_CONTEXT, from);
  const [first] = links ?? [];
  return first ? trace.setSpanContext(ROOT_CONTEXT, first) : context.active();
}
