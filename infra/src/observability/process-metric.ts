import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { metricsNamespace } from '../services/metrics-namespace.ts';
import type { StageConfig } from '../stage-config.ts';

/** A metric of a service's tasks as their collectors hand it on, in steps of five minutes. */
export function processMetric(
  config: StageConfig,
  service: 'ingest' | 'downlink',
  metricName: string,
  labels: Readonly<Record<string, string>>,
  statistic: string,
): Metric {
  return new Metric({
    namespace: metricsNamespace(config),
    metricName,
    dimensionsMap: { service, ...labels },
    statistic,
    period: Duration.minutes(5),
  });
}
