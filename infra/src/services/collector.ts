import { Stack } from 'aws-cdk-lib';
import { ContainerImage, type FargateTaskDefinition, LogDriver } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';

/** Seconds between two looks at `/metrics`: CloudWatch's own step. */
const SCRAPE_SECONDS = 60;

/** Which of a service's metrics become CloudWatch metrics, and by which labels. The others stay in the log, to be searched. */
const DECLARED: readonly { readonly metrics: string; readonly labels: readonly string[] }[] = [
  { metrics: '^furrow_ledger_imbalance$', labels: ['service', 'unit'] },
  { metrics: '^furrow_ledger_(readings|messages)$', labels: ['service', 'entry'] },
  { metrics: '^furrow_ledger_rejected_readings$', labels: ['service', 'reason'] },
  { metrics: '^furrow_ingest_store_write_seconds$', labels: ['service', 'result'] },
  { metrics: '^furrow_ingest_queue_failures_total$', labels: ['service', 'call'] },
  { metrics: '^furrow_downlink_broker_connected$', labels: ['service'] },
  { metrics: '^furrow_downlink_commands_total$', labels: ['service', 'end'] },
  { metrics: '^furrow_store_(requests|throttles)_total$', labels: ['service'] },
];

export interface CollectorOptions {
  readonly image: string;
  /** Name of the service, in the log. */
  readonly service: string;
  /** Where its process answers `/metrics`. */
  readonly port: number;
  readonly namespace: string;
  /** Where the metrics go: CloudWatch reads them out of this log. */
  readonly metricsLog: LogGroup;
  /** Whether spans go to X-Ray. */
  readonly traces: boolean;
  /** Where the collector writes what it has to say. */
  readonly log: LogGroup;
}

/**
 * Puts a collector (AWS Distro for OpenTelemetry) beside the process of a task: it reads `/metrics` once a minute and hands it to CloudWatch,
 * and the spans that it is sent to X-Ray. A task goes on without it; the ledger's alarm then says that its numbers are missing.
 */
export function addCollector(task: FargateTaskDefinition, options: CollectorOptions): void {
  const { image, service, metricsLog, log } = options;
  task.addContainer('collector', {
    image: ContainerImage.fromRegistry(image),
    essential: false,
    readonlyRootFilesystem: true,
    memoryReservationMiB: 64,
    memoryLimitMiB: 192,
    environment: { AOT_CONFIG_CONTENT: Stack.of(task).toJsonString(collectorConfig(options)) },
    logging: LogDriver.awsLogs({ logGroup: log, streamPrefix: service }),
  });
  task.addToTaskRolePolicy(
    new PolicyStatement({
      sid: 'CollectorMetrics',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [metricsLog.logGroupArn],
    }),
  );
  if (!options.traces) return;
  task.addToTaskRolePolicy(
    new PolicyStatement({
      sid: 'CollectorSpans',
      actions: ['xray:PutTraceSegments'],
      // Spans belong to no resource.
      resources: ['*'],
    }),
  );
}

/** Where a process sends its spans: `FURROW_OTLP_ENDPOINT`. */
export const SPANS_ENDPOINT = 'http://127.0.0.1:4318/v1/traces';

/** The collector's configuration: https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/awsemfexporter */
function collectorConfig({ service, port, namespace, metricsLog, traces }: CollectorOptions) {
  const scrape = {
    job_name: service,
    scrape_interval: `${SCRAPE_SECONDS}s`,
    static_configs: [{ targets: [`127.0.0.1:${port}`] }],
  };
  return {
    receivers: {
      prometheus: { config: { scrape_configs: [scrape] } },
      ...(traces && { otlp: { protocols: { http: { endpoint: new URL(SPANS_ENDPOINT).host } } } }),
    },
    processors: {
      memory_limiter: { check_interval: '5s', limit_mib: 128 },
      // The process's own metrics would be paid for, and Container Insights has them.
      'filter/furrow': { metrics: { include: { match_type: 'regexp', metric_names: ['^furrow_.*'] } } },
      batch: { timeout: '10s' },
    },
    exporters: {
      awsemf: {
        namespace,
        log_group_name: metricsLog.logGroupName,
        log_stream_name: service,
        dimension_rollup_option: 'NoDimensionRollup',
        metric_declarations: DECLARED.map(({ metrics, labels }) => ({
          dimensions: [labels],
          metric_name_selectors: [metrics],
        })),
      },
      ...(traces && { awsxray: {} }),
    },
    service: {
      pipelines: {
        metrics: {
          receivers: ['prometheus'],
          processors: ['memory_limiter', 'filter/furrow', 'batch'],
          exporters: ['awsemf'],
        },
        ...(traces && {
          traces: { receivers: ['otlp'], processors: ['memory_limiter', 'batch'], exporters: ['awsxray'] },
        }),
      },
    },
  };
}
