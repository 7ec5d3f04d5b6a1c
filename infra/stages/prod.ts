import type { StageInput } from '../src/stage-config.ts';

/**
 * A stage that growers rely on: two zones, standbys, and data that outlives its stacks. Put your account, region, zones, certificates and image tags
 * here; `src/stage-config.ts` says what each field means.
 */
export const stage: StageInput = {
  stage: 'prod',
  nameSuffix: '',
  account: '444455556666',
  region: 'eu-central-1',
  protectData: true,
  network: {
    cidr: '10.40.0.0/16',
    zones: ['eu-central-1a', 'eu-central-1b'],
    natGateways: 2,
    interfaceEndpoints: true,
  },
  store: 'timestream',
  influxdb: { instanceType: 'db.influx.large', storageGib: 400, standby: true },
  registry: { minCapacity: 1, maxCapacity: 16, standby: true, backupDays: 14 },
  api: {
    image: { repository: 'furrow/api', tag: '0.1.0' },
    cpu: 512,
    memoryMib: 1_024,
    minTasks: 2,
    maxTasks: 10,
    certificateArn: 'arn:aws:acm:eu-central-1:444455556666:certificate/00000000-0000-0000-0000-000000000000',
    requestsPerTask: 3_000,
  },
  ingest: {
    image: { repository: 'furrow/ingest', tag: '0.1.0' },
    cpu: 1024,
    memoryMib: 2_048,
    minTasks: 2,
    maxTasks: 20,
    target: 'fargate',
    backlogPerTask: 20_000,
    oldestMessageSeconds: 120,
    spot: true,
  },
  downlink: {
    enabled: true,
    image: { repository: 'furrow/downlink', tag: '0.1.0' },
    cpu: 256,
    memoryMib: 512,
    tasks: 2,
    mqttUrl: 'mqtts://example-ats.iot.eu-central-1.amazonaws.com:8883',
    topicPrefix: 'furrow',
    certificateArn:
      'arn:aws:iot:eu-central-1:444455556666:cert/0000000000000000000000000000000000000000000000000000000000000000',
    certificateSecretArn: 'arn:aws:secretsmanager:eu-central-1:444455556666:secret:furrow/downlink-000000',
  },
  tools: { image: { repository: 'furrow/furrow', tag: '0.1.0' } },
  observability: {
    logRetentionDays: 90,
    alarmEmail: 'operators@example.com',
    noUplinkMinutes: 10,
    quarantinePercent: 2,
    metrics: true,
    traces: false,
    collectorImage: 'public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3',
  },
};
