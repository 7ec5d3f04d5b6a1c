import type { StageInput } from '../src/stage-config.ts';

/**
 * A stage to try things in: small, one NAT gateway, deleted with its data. Put your account, region, zones, certificates and image tags
 * here; `src/stage-config.ts` says what each field means.
 */
export const stage: StageInput = {
  stage: 'dev',
  nameSuffix: '-dev',
  account: '111122223333',
  region: 'eu-central-1',
  protectData: false,
  network: {
    cidr: '10.20.0.0/16',
    zones: ['eu-central-1a', 'eu-central-1b'],
    natGateways: 1,
    interfaceEndpoints: false,
  },
  store: 'influxdb',
  influxdb: { instanceType: 'db.influx.medium', storageGib: 20, standby: false },
  registry: { minCapacity: 0.5, maxCapacity: 2, standby: false, backupDays: 1 },
  api: {
    image: { repository: 'furrow/api', tag: '0.1.0' },
    cpu: 256,
    memoryMib: 1_024,
    minTasks: 1,
    maxTasks: 2,
    certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
    requestsPerTask: 1_000,
  },
  ingest: {
    image: { repository: 'furrow/ingest', tag: '0.1.0' },
    cpu: 256,
    memoryMib: 1_024,
    minTasks: 1,
    maxTasks: 3,
    target: 'fargate',
    backlogPerTask: 5_000,
    oldestMessageSeconds: 120,
    spot: true,
  },
  downlink: {
    enabled: true,
    image: { repository: 'furrow/downlink', tag: '0.1.0' },
    cpu: 256,
    memoryMib: 512,
    tasks: 1,
    mqttUrl: 'mqtts://example-ats.iot.eu-central-1.amazonaws.com:8883',
    topicPrefix: 'furrow',
    certificateArn:
      'arn:aws:iot:eu-central-1:111122223333:cert/0000000000000000000000000000000000000000000000000000000000000000',
    certificateSecretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:furrow/downlink-000000',
  },
  tools: { image: { repository: 'furrow/furrow', tag: '0.1.0' } },
  observability: {
    logRetentionDays: 14,
    noUplinkMinutes: 60,
    quarantinePercent: 5,
    metrics: true,
    traces: false,
    collectorImage: 'public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3',
  },
};
