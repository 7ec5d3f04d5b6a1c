import { COMMAND_REASON_CODES } from '@furrow/contracts';
import { Dashboard, GraphWidget, type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { type AlarmSubjects, ingestMetric } from './alarms.ts';
import { processMetric } from './process-metric.ts';

/** One page: what comes in, what waits, what is refused, what is answered, what devices were told, and what the tasks use. */
export function createDashboard(scope: Construct, subjects: AlarmSubjects): Dashboard {
  const { stage } = subjects.config;
  const dashboard = new Dashboard(scope, 'Dashboard', { dashboardName: `furrow-${stage}` });
  dashboard.addWidgets(...queueGraphs(subjects));
  dashboard.addWidgets(...ledgerGraphs(subjects));
  dashboard.addWidgets(...commandGraphs(subjects));
  dashboard.addWidgets(...taskGraphs(subjects));
  return dashboard;
}

function queueGraphs({ queues, services }: AlarmSubjects): GraphWidget[] {
  const { uplinks, quarantine, commands } = queues;
  const { targets } = services.api;
  return [
    graph('Uplinks: sent and done', [
      uplinks.queue.metricNumberOfMessagesSent(),
      uplinks.queue.metricNumberOfMessagesDeleted(),
    ]),
    graph(
      'Uplinks: waiting, and age of the oldest',
      [uplinks.queue.metricApproximateNumberOfMessagesVisible()],
      [uplinks.queue.metricApproximateAgeOfOldestMessage()],
    ),
    graph('Quarantine and dead letters', [
      quarantine.metricNumberOfMessagesSent(),
      ...[uplinks, commands].map((pair) => pair.deadLetters.metricApproximateNumberOfMessagesVisible()),
    ]),
    graph(
      'API: requests and 5xx; slowest hundredth',
      [targets.metrics.requestCount(), targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT)],
      [targets.metrics.targetResponseTime({ statistic: Stats.percentile(99) })],
    ),
  ];
}

function ledgerGraphs({ config }: AlarmSubjects): GraphWidget[] {
  const imbalance = (unit: string): IMetric =>
    ingestMetric(config, 'furrow_ledger_imbalance', { unit }, Stats.MAXIMUM);
  const rise = (label: string, metric: IMetric): IMetric =>
    new MathExpression({ label, expression: `DIFF(${label})`, usingMetrics: { [label]: metric } });
  const reading = (entry: string): IMetric =>
    rise(entry, ingestMetric(config, 'furrow_ledger_readings', { entry }, Stats.MAXIMUM));
  return [
    graph('Ledger: imbalance, must be 0', [imbalance('readings'), imbalance('messages')]),
    graph(
      'Readings of the busiest worker',
      ['stored', 'already_stored', 'rejected', 'returned'].map(reading),
    ),
    graph('Store: duration of writes and throttles', [
      ingestMetric(config, 'furrow_ingest_store_write_seconds', { result: 'written' }, Stats.AVERAGE),
      ingestMetric(config, 'furrow_store_throttles_total', {}, Stats.SUM),
    ]),
  ];
}

function commandGraphs({ config, queues: { commands } }: AlarmSubjects): GraphWidget[] {
  if (!config.downlink.enabled) return [];
  return [
    graph(
      'Commands: sent to the queue and done; age of the oldest',
      [commands.queue.metricNumberOfMessagesSent(), commands.queue.metricNumberOfMessagesDeleted()],
      [commands.queue.metricApproximateAgeOfOldestMessage()],
    ),
    graph(
      'Commands, by how they ended',
      ['confirmed', ...COMMAND_REASON_CODES].map((end) =>
        processMetric(config, 'downlink', 'furrow_downlink_commands_total', { end }, Stats.SUM),
      ),
    ),
  ];
}

function taskGraphs({ services }: AlarmSubjects): GraphWidget[] {
  const all = services.services;
  return [
    graph(
      'CPU of the services',
      all.map((service) => service.metricCpuUtilization()),
    ),
    graph(
      'Memory of the services',
      all.map((service) => service.metricMemoryUtilization()),
    ),
  ];
}

function graph(title: string, left: readonly IMetric[], right: readonly IMetric[] = []): GraphWidget {
  return new GraphWidget({ title, left: [...left], right: [...right], width: 6 });
}
