export {
  type Environment,
  integerVariable,
  type ListenAddress,
  listenVariable,
  loadConfig,
  logLevelVariable,
  maskSecret,
  maskUrl,
  otlpEndpointVariable,
} from './config.ts';
export { ConfigError } from './errors.ts';
export { type HangCheck, Liveness } from './liveness.ts';
export { LogDigest } from './log-digest.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { Counter, createMetricsRegistry, Gauge, Histogram, MetricsRegistry } from './metrics.ts';
export {
  createOperations,
  type Operations,
  type OperationsAnswer,
  type OperationsServer,
  serveOperations,
} from './operations.ts';
export { Readiness, type ReadinessReport } from './readiness.ts';
export { Shutdown, type ShutdownOptions, type ShutdownStep } from './shutdown.ts';
export { startTracing, type TracingOptions } from './start-tracing.ts';
export {
  activeSpan,
  inSpan,
  type SpanLink,
  type SpanOptions,
  type TraceHeaders,
  traceHeaders,
} from './tracing.ts';
