import type { StageConfig } from '../stage-config.ts';

/** Where the metrics of a stage's processes are in CloudWatch. */
export function metricsNamespace({ stage }: StageConfig): string {
  return `Furrow/${stage}`;
}
