import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmRule, AlarmSubjects } from './alarms.ts';
import { processMetric } from './process-metric.ts';

/** A command is not sent after five minutes at most: what is older than that was not delivered. */
const OLDEST_SECONDS = 300;

/** Commands that nobody delivers; none where the stage sends no commands. */
export function downlinkRules({ config, queues }: AlarmSubjects): AlarmRule[] {
  if (!config.downlink.enabled) return [];
  const old: AlarmRule = {
    name: 'commands-old',
    description:
      'Commands wait until they are too late. Look at /readyz of downlink: which part does not answer? They read as expired; give them again.',
    metric: queues.commands.queue.metricApproximateAgeOfOldestMessage({
      period: Duration.minutes(5),
      statistic: Stats.MAXIMUM,
    }),
    threshold: OLDEST_SECONDS,
  };
  if (!config.observability.metrics) return [old];
  return [
    old,
    {
      name: 'downlink-broker',
      description:
        'A downlink has no connection to the broker, or none reports. Is its certificate active, with the policy attached? Its log says what the broker says.',
      metric: processMetric(config, 'downlink', 'furrow_downlink_broker_connected', {}, Stats.MINIMUM),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      // A connection that was lost is there again within a minute, when it can be.
      evaluationPeriods: 3,
      missing: TreatMissingData.BREACHING,
    },
  ];
}
