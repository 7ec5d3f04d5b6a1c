import { RETENTION_DAYS } from '@furrow/contracts';
import { Duration } from 'aws-cdk-lib';
import {
  ComparisonOperator,
  type IMetric,
  MathExpression,
  type Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { QueuePair, QueuesStack } from '../queues/queues-stack.ts';
import { IngestFunction } from '../services/ingest-function.ts';
import type { ServicesStack } from '../services/services-stack.ts';
import type { StageConfig } from '../stage-config.ts';
import { downlinkRules } from './downlink-alarms.ts';
import { processMetric } from './process-metric.ts';

/** When somebody must look, and what at. */
export interface AlarmRule {
  readonly name: string;
  /** What it means and what to do first: the text of the message. */
  readonly description: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly comparison?: ComparisonOperator;
  readonly evaluationPeriods?: number;
  /** What no data means: all is well, unless it says otherwise. */
  readonly missing?: TreatMissingData;
}

export interface AlarmSubjects {
  readonly config: StageConfig;
  readonly queues: QueuesStack;
  readonly services: ServicesStack;
}

const FIVE_MINUTES = Duration.minutes(5);
/** Share of the age limit for scaling after which more tasks did not help. */
const OLDEST_FACTOR = 5;
/** Answers with 5xx in five minutes that are no accident. */
const MOST_5XX = 10;

/** Every alarm of a stage. */
export function alarmRules(subjects: AlarmSubjects): AlarmRule[] {
  return [
    ...queueRules(subjects),
    ...apiRules(subjects),
    ...workerRules(subjects),
    ...downlinkRules(subjects),
  ];
}

function workerRules({ config, services: { ingest } }: AlarmSubjects): AlarmRule[] {
  if (ingest instanceof IngestFunction)
    return [...functionRules(config, ingest), storeRefusals(config, true)];
  return config.observability.metrics ? [...ledgerRules(config), storeRefusals(config)] : [];
}

function queueRules({ config, queues }: AlarmSubjects): AlarmRule[] {
  const { uplinks, quarantine, commands } = queues;
  const { noUplinkMinutes, quarantinePercent } = config.observability;
  return [
    deadLetters('uplinks', uplinks),
    deadLetters('commands', commands),
    {
      name: 'uplinks-old',
      description:
        'Uplinks wait although tasks were added. Look at /readyz of ingest: which part does not answer? They are kept for 4 days.',
      metric: uplinks.queue.metricApproximateAgeOfOldestMessage({
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
      threshold: config.ingest.oldestMessageSeconds * OLDEST_FACTOR,
      evaluationPeriods: 2,
    },
    {
      name: 'quarantine-rate',
      description: `More than ${quarantinePercent} % of messages had a reading refused. The attribute "reason" of the messages on the quarantine queue says why.`,
      metric: new MathExpression({
        label: 'Messages into quarantine, percent',
        expression: '100 * quarantined / (taken + 1)',
        usingMetrics: {
          quarantined: quarantine.metricNumberOfMessagesSent({ period: FIVE_MINUTES }),
          taken: uplinks.queue.metricNumberOfMessagesDeleted({ period: FIVE_MINUTES }),
        },
        period: FIVE_MINUTES,
      }),
      threshold: quarantinePercent,
      evaluationPeriods: 2,
    },
    {
      name: 'no-uplink',
      description: `Not one uplink came in ${noUplinkMinutes} minutes. Is the API reached? Did a certificate or the network of the gateways end?`,
      metric: uplinks.queue.metricNumberOfMessagesSent({ period: Duration.minutes(noUplinkMinutes) }),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      missing: TreatMissingData.BREACHING,
    },
  ];
}

function deadLetters(name: string, pair: QueuePair): AlarmRule {
  return {
    name: `${name}-dead-letters`,
    description: `Messages of ${name} were given up: each brought down or outlasted its worker several times. Keep one, find the cause, then move them back.`,
    metric: pair.deadLetters.metricApproximateNumberOfMessagesVisible({
      period: FIVE_MINUTES,
      statistic: Stats.MAXIMUM,
    }),
    threshold: 1,
  };
}

function apiRules({ services }: AlarmSubjects): AlarmRule[] {
  const { targets, loadBalancer } = services.api;
  const settings = { period: FIVE_MINUTES, statistic: Stats.SUM };
  const rule = { threshold: MOST_5XX, evaluationPeriods: 2 };
  return [
    {
      ...rule,
      name: 'api-5xx',
      description: 'The API answers with errors of its own. Its log has each with a request id.',
      metric: targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, settings),
    },
    {
      ...rule,
      name: 'load-balancer-5xx',
      description:
        'The load balancer answers with errors: no API task is healthy, or tasks close connections.',
      metric: loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, settings),
    },
  ];
}

/** The books of the workers; without numbers nobody knows, and that is an alarm too. */
function ledgerRules(config: StageConfig): AlarmRule[] {
  return (['readings', 'messages'] as const).map((unit) => ({
    name: `ledger-imbalance-${unit}`,
    description: `The ledger of a worker does not add up in ${unit}, or no worker reports. Nothing else may be lost silently: stop, and keep the logs.`,
    metric: new MathExpression({
      label: `Imbalance, ${unit}`,
      // It may be off on either side.
      expression: 'MAX([ABS(most), ABS(least)])',
      usingMetrics: {
        most: ingestMetric(config, 'furrow_ledger_imbalance', { unit }, Stats.MAXIMUM),
        least: ingestMetric(config, 'furrow_ledger_imbalance', { unit }, Stats.MINIMUM),
      },
      period: FIVE_MINUTES,
    }),
    threshold: 1,
    // A count that is read while it changes may be off for a moment.
    evaluationPeriods: 3,
    missing: TreatMissingData.BREACHING,
  }));
}

function storeRefusals(config: StageConfig, ofFunction = false): AlarmRule {
  const refused = (statistic: string): Metric =>
    ingestMetric(config, 'furrow_ledger_rejected_readings', { reason: 'store_rejected' }, statistic);
  return {
    name: 'store-refusals',
    description: `The store refuses points for good. Look at its limits, and at whether it still keeps ${RETENTION_DAYS} days; the points are in quarantine.`,
    // A function counts each batch anew.
    metric: ofFunction
      ? refused(Stats.SUM)
      : new MathExpression({
          label: 'Points that the store refused',
          // Counted since each worker began, so only a rise tells something.
          expression: 'DIFF(refused)',
          usingMetrics: { refused: refused(Stats.MAXIMUM) },
          period: FIVE_MINUTES,
        }),
    threshold: 1,
  };
}

/** A function reports its ledger with each call; there is none while nothing comes. */
function functionRules(config: StageConfig, { handler }: IngestFunction): AlarmRule[] {
  const ledger = ledgerRules(config).map((rule) => ({
    ...rule,
    evaluationPeriods: 1,
    missing: TreatMissingData.NOT_BREACHING,
  }));
  return [
    ...ledger,
    {
      name: 'ingest-function-errors',
      description: 'The function ended without an answer; its messages come again. Its log says why.',
      metric: handler.metricErrors({ period: FIVE_MINUTES }),
      threshold: 1,
      evaluationPeriods: 2,
    },
  ];
}

/** A metric of the worker as its collector hands it on. */
export function ingestMetric(
  config: StageConfig,
  metricName: string,
  labels: Readonly<Record<string, string>>,
  statistic: string,
): Metric {
  return processMetric(config, 'ingest', metricName, labels, statistic);
}
