import { HANDLE_TIMEOUT_MS } from '@furrow/queue';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { loadDownlinkConfig } from '../../services/downlink/src/config.ts';
import { stage as prod } from '../stages/prod.ts';
import { synthStage } from './synth-stage.ts';

const stage = synthStage(prod);
const { network, queues, data, services, observability } = stage.templates;
afterAll(() => stage.remove());

const DAY = 86_400;
/** Stands for what only the deployment knows: the URL of a queue, of a database. */
const VALUE_OF_DEPLOYMENT = 'https://somewhere.example';

function propertiesOf(template: Template, type: string): Record<string, unknown>[] {
  return Object.values(template.findResources(type)).map(({ Properties }) => Properties);
}

describe('a stage', () => {
  it('is synthesized without a warning and without a finding of cdk-nag that nobody accepted', () => {
    expect(stage.messages).toEqual([]);
  });
});

describe('QueuesStack', () => {
  it.each([
    ['furrow-uplinks', 4 * DAY, 5],
    ['furrow-commands', 4 * DAY, 20],
  ])(
    'makes %s, encrypted, kept, and with dead letters',
    (QueueName, MessageRetentionPeriod, maxReceiveCount) => {
      queues.hasResource('AWS::SQS::Queue', {
        DeletionPolicy: 'Retain',
        Properties: {
          QueueName,
          MessageRetentionPeriod,
          MaximumMessageSize: 1_048_576,
          SqsManagedSseEnabled: true,
          VisibilityTimeout: (6 * HANDLE_TIMEOUT_MS) / 1_000,
          RedrivePolicy: { deadLetterTargetArn: Match.anyValue(), maxReceiveCount },
        },
      });
    },
  );

  it.each([
    ['furrow-dead-letter', 'furrow-uplinks'],
    ['furrow-commands-dead-letter', 'furrow-commands'],
  ])('keeps %s for 14 days, for messages of %s alone', (QueueName, source) => {
    queues.hasResource('AWS::SQS::Queue', {
      DeletionPolicy: 'Retain',
      Properties: {
        QueueName,
        MessageRetentionPeriod: 14 * DAY,
        MaximumMessageSize: 1_048_576,
        SqsManagedSseEnabled: true,
        RedriveAllowPolicy: {
          redrivePermission: 'byQueue',
          sourceQueueArns: [`arn:aws:sqs:eu-central-1:444455556666:${source}`],
        },
      },
    });
  });

  it('keeps furrow-quarantine for 14 days, from where no look at it takes a message away', () => {
    queues.hasResource('AWS::SQS::Queue', {
      DeletionPolicy: 'Retain',
      Properties: {
        QueueName: 'furrow-quarantine',
        MessageRetentionPeriod: 14 * DAY,
        MaximumMessageSize: 1_048_576,
        SqsManagedSseEnabled: true,
        RedrivePolicy: Match.absent(),
      },
    });
  });

  it('refuses every queue to requests without TLS', () => {
    const policies = propertiesOf(queues, 'AWS::SQS::QueuePolicy');
    expect(policies).toHaveLength(5);
    for (const policy of policies) {
      expect(JSON.stringify(policy)).toContain(
        '"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"',
      );
    }
  });
});

describe('DataStack with Timestream', () => {
  it('keeps points for 90 days, split by device, and takes late ones', () => {
    data.hasResource('AWS::Timestream::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        DatabaseName: 'furrow',
        TableName: 'points',
        Schema: {
          CompositePartitionKey: [{ Type: 'DIMENSION', Name: 'device', EnforcementInRecord: 'REQUIRED' }],
        },
        RetentionProperties: {
          MemoryStoreRetentionPeriodInHours: '24',
          MagneticStoreRetentionPeriodInDays: '89',
        },
        MagneticStoreWriteProperties: {
          EnableMagneticStoreWrites: true,
          MagneticStoreRejectedDataLocation: {
            S3Configuration: { BucketName: Match.anyValue(), EncryptionOption: 'SSE_S3' },
          },
        },
      },
    });
  });

  it('writes what is refused later to a bucket that is private, encrypted and emptied', () => {
    data.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        BucketEncryption: Match.anyValue(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 90, Status: 'Enabled' })] },
      },
    });
    data.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Principal: { Service: 'timestream.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': '444455556666' } },
          }),
        ]),
      },
    });
  });

  it('keeps the registry encrypted, backed up, in two zones, and closed to passwords of tasks', () => {
    data.hasResource('AWS::RDS::DBCluster', {
      DeletionPolicy: 'Retain',
      Properties: {
        Engine: 'aurora-postgresql',
        StorageEncrypted: true,
        DeletionProtection: true,
        BackupRetentionPeriod: 14,
        EnableIAMDatabaseAuthentication: true,
        ManageMasterUserPassword: true,
        ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 16 },
      },
    });
    const instances = propertiesOf(data, 'AWS::RDS::DBInstance');
    expect(instances).toHaveLength(2);
    expect(instances.every((instance) => instance['PubliclyAccessible'] === false)).toBe(true);
  });
});

describe('NetworkStack', () => {
  it('opens nothing to the world but HTTPS at the load balancer', () => {
    const open = propertiesOf(network, 'AWS::EC2::SecurityGroup').flatMap(
      (group) => group['SecurityGroupIngress'] ?? [],
    );
    expect(open).toEqual([
      {
        CidrIp: '0.0.0.0/0',
        Description: 'the Open API is public',
        FromPort: 443,
        IpProtocol: 'tcp',
        ToPort: 443,
      },
    ]);
  });

  it('lets the registry be reached from the services and the migration alone', () => {
    const ways = propertiesOf(network, 'AWS::EC2::SecurityGroupIngress').filter(
      (way) => way['FromPort'] === 5432,
    );
    expect(ways.map((way) => way['Description']).sort()).toEqual([
      'from api',
      'from downlink',
      'from ingest',
      'from tools',
    ]);
  });

  it('has a NAT gateway in each zone', () => network.resourceCountIs('AWS::EC2::NatGateway', 2));
});

interface Container {
  readonly Name: string;
  readonly User?: string;
  readonly ReadonlyRootFilesystem?: boolean;
  readonly StopTimeout?: number;
  readonly HealthCheck?: { readonly Command: readonly string[] };
  readonly Environment: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Secrets?: readonly { readonly Name: string; readonly ValueFrom: unknown }[];
  readonly LinuxParameters?: { readonly Capabilities: { readonly Drop: readonly string[] } };
}

const tasks = propertiesOf(services, 'AWS::ECS::TaskDefinition') as {
  readonly ContainerDefinitions: readonly Container[];
  readonly RuntimePlatform: unknown;
}[];
const processes = tasks
  .flatMap((task) => task.ContainerDefinitions)
  .filter(({ Name }) => Name !== 'collector');

describe('ServicesStack', () => {
  it('runs every process on ARM, not as root, without capabilities, on files that nobody writes', () => {
    expect(processes.map(({ Name }) => Name).sort()).toEqual(['api', 'downlink', 'ingest', 'migrate']);
    expect(tasks.every((task) => JSON.stringify(task.RuntimePlatform).includes('ARM64'))).toBe(true);
    for (const process of processes) {
      expect(process).toMatchObject({
        User: '10001:10001',
        ReadonlyRootFilesystem: true,
        LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
      });
    }
  });

  it.each(['api', 'downlink', 'ingest'])(
    'gives %s more time to stop than it takes, and asks for its health',
    (name) => {
      const process = processes.find(({ Name }) => Name === name);
      const drain = process?.Environment.find((one) => one.Name === 'FURROW_SHUTDOWN_SECONDS')?.Value;
      expect(Number(drain)).toBeGreaterThan(0);
      expect(process?.StopTimeout).toBeGreaterThan(Number(drain));
      expect(process?.StopTimeout).toBeLessThanOrEqual(120);
      expect(process?.HealthCheck?.Command).toEqual(['CMD', 'node', '/furrow/healthcheck.mjs']);
    },
  );

  it('rolls a version back that does not come up, and keeps the old one until then', () => {
    for (const service of propertiesOf(services, 'AWS::ECS::Service')) {
      expect(service['DeploymentConfiguration']).toMatchObject({
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
      });
    }
  });

  it('runs the least number of workers on demand and the others on Spot', () => {
    services.hasResourceProperties('AWS::ECS::Service', {
      DesiredCount: 2,
      CapacityProviderStrategy: [
        { Base: 2, CapacityProvider: 'FARGATE', Weight: 0 },
        { CapacityProvider: 'FARGATE_SPOT', Weight: 1 },
      ],
    });
  });

  it('does not roll a service before the migration is done', () => {
    const all = services.findResources('AWS::ECS::Service');
    const [done] = Object.keys(services.findResources('Custom::RegistryMigration'));
    const waiting = Object.entries(all).filter(([, service]) => service['DependsOn']?.includes(done));
    expect(waiting.map(([id]) => id.slice(0, 4)).sort()).toEqual(['ApiS', 'Down', 'Inge']);
  });

  it('gives the downlink a configuration that it takes, and its certificate and key from the secret', () => {
    const downlink = processes.find(({ Name }) => Name === 'downlink');
    const variables = downlink?.Environment.map(({ Name, Value }) => [
      Name,
      typeof Value === 'string' ? Value : VALUE_OF_DEPLOYMENT,
    ]);
    expect(loadDownlinkConfig(Object.fromEntries(variables ?? []))).toMatchObject({
      FURROW_MQTT_DOWN_TOPIC: 'furrow/{device_id}/down',
      FURROW_MQTT_UP_TOPIC: 'furrow/{device_id}/up',
    });
    const secret = prod.downlink.certificateSecretArn;
    expect(downlink?.Secrets).toEqual([
      { Name: 'FURROW_MQTT_CERT', ValueFrom: `${secret}:certificate::` },
      { Name: 'FURROW_MQTT_KEY', ValueFrom: `${secret}:privateKey::` },
    ]);
  });

  it('scales the workers on the backlog of each and on the age of the oldest message', () => {
    services.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 20_000,
        CustomizedMetricSpecification: {
          Metrics: Match.arrayWith([
            Match.objectLike({ Expression: 'waiting / FILL(running, 2)', ReturnData: true }),
          ]),
        },
      },
    });
    services.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      PolicyType: 'StepScaling',
      StepScalingPolicyConfiguration: {
        AdjustmentType: 'PercentChangeInCapacity',
        MinAdjustmentMagnitude: 2,
        StepAdjustments: [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 360, ScalingAdjustment: 50 },
          { MetricIntervalLowerBound: 360, ScalingAdjustment: 100 },
        ],
      },
    });
  });

  it('shows the world the Open API over TLS and nothing else of the process', () => {
    services.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      DefaultActions: [Match.objectLike({ Type: 'fixed-response' })],
    });
    services.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/v2/*'] } }],
    });
  });
});

describe('ObservabilityStack', () => {
  const alarms = propertiesOf(observability, 'AWS::CloudWatch::Alarm');

  it('has every alarm, and each tells the topic', () => {
    expect(alarms.map((alarm) => alarm['AlarmName']).sort()).toEqual([
      'furrow-prod-api-5xx',
      'furrow-prod-commands-dead-letters',
      'furrow-prod-commands-old',
      'furrow-prod-downlink-broker',
      'furrow-prod-ledger-imbalance-messages',
      'furrow-prod-ledger-imbalance-readings',
      'furrow-prod-load-balancer-5xx',
      'furrow-prod-no-uplink',
      'furrow-prod-quarantine-rate',
      'furrow-prod-store-refusals',
      'furrow-prod-uplinks-dead-letters',
      'furrow-prod-uplinks-old',
    ]);
    expect(alarms.every((alarm) => JSON.stringify(alarm['AlarmActions']).includes('"Ref":"Alarms'))).toBe(
      true,
    );
  });

  it.each(['no-uplink', 'downlink-broker', 'ledger-imbalance-readings', 'ledger-imbalance-messages'])(
    'takes silence for an alarm: %s',
    (name) => {
      observability.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: `furrow-prod-${name}`,
        TreatMissingData: 'breaching',
      });
    },
  );

  it("is given the numbers that the ledger's alarms ask for", () => {
    const text = JSON.stringify(
      tasks.flatMap((task) => task.ContainerDefinitions).filter(({ Name }) => Name === 'collector'),
    );
    expect(text).toContain('furrow_ledger_imbalance');
    expect(text).toContain('Furrow/prod');
    observability.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'furrow-prod-ledger-imbalance-readings',
      Metrics: Match.arrayWith([
        Match.objectLike({
          MetricStat: Match.objectLike({
            Metric: {
              Namespace: 'Furrow/prod',
              MetricName: 'furrow_ledger_imbalance',
              Dimensions: [
                { Name: 'service', Value: 'ingest' },
                { Name: 'unit', Value: 'readings' },
              ],
            },
          }),
        }),
      ]),
    });
  });
});
