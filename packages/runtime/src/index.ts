export {
  type Environment,
  integerVariable,
  type ListenAddress,
  listenVariable,
  loadConfig,
  logLevelVariable,
  maskSecret,
  maskUrl,
} from './config.ts';
export { ConfigError } from './errors.ts';
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
