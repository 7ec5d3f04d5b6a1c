import { Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { type AlarmRule, type AlarmSubjects, alarmRules } from './alarms.ts';
import { createDashboard } from './dashboard.ts';

export interface ObservabilityStackProps extends StackProps, AlarmSubjects {}

/** Alarms, whom they tell, and the dashboard. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, { config, queues, services, ...props }: ObservabilityStackProps) {
    super(scope, id, props);
    const subjects = { config, queues, services };
    const topic = new Topic(this, 'Alarms', {
      displayName: `Furrow ${config.stage}`,
      enforceSSL: true,
    });
    topic.grantPublish(new ServicePrincipal('cloudwatch.amazonaws.com'));
    const { alarmEmail } = config.observability;
    if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));
    for (const rule of alarmRules(subjects)) this.#addAlarm(config.stage, rule, topic as ITopic);
    createDashboard(this, subjects);
  }

  #addAlarm(stage: string, rule: AlarmRule, topic: ITopic): void {
    const { name, description, metric, threshold, evaluationPeriods = 1 } = rule;
    const alarm = new Alarm(this, name, {
      alarmName: `furrow-${stage}-${name}`,
      alarmDescription: description,
      metric,
      threshold,
      evaluationPeriods,
      comparisonOperator: rule.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: rule.missing ?? TreatMissingData.NOT_BREACHING,
    });
    const tell = new SnsAction(topic);
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
  }
}
