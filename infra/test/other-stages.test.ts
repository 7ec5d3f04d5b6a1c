import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Match } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { stage as dev } from '../stages/dev.ts';
import { stage as prod } from '../stages/prod.ts';
import { synthStage } from './synth-stage.ts';

const influx = synthStage({
  ...dev,
  protectData: true,
  observability: { ...dev.observability, traces: true },
});
const lambda = synthStage({
  ...prod,
  ingest: { ...prod.ingest, target: 'lambda' },
  downlink: { ...prod.downlink, enabled: false },
});
afterAll(() => {
  for (const stage of [influx, lambda]) stage.remove();
});

/** The code of the functions of this repository, as Lambda would unpack it: without any package beside it. */
function codeOf(outdir: string): string[] {
  return globSync('asset.*/**/index.mjs', { cwd: outdir }).map((file) => join(outdir, file));
}

describe('bundleFunction', () => {
  it('gives code that loads by itself', async () => {
    const files = [...codeOf(influx.outdir), ...codeOf(lambda.outdir)];
    const modules = await Promise.all(files.map((file) => import(pathToFileURL(file).href)));
    expect(modules.map(({ handler }) => typeof handler)).toEqual(files.map(() => 'function'));
    expect(files.length).toBeGreaterThanOrEqual(3);
  });

  it('puts the migrations where the worker looks for them', () => {
    const [worker = ''] = codeOf(lambda.outdir).filter((file) => file.endsWith('services/ingest/index.mjs'));
    expect(existsSync(join(dirname(worker), '../../migrations/meta/_journal.json'))).toBe(true);
  });
});

describe('a stage with InfluxDB', () => {
  const { data, queues, services } = influx.templates;

  it('is synthesized without a warning', () => expect(influx.messages).toEqual([]));

  it('keeps the instance in the isolated subnets, and when its stack goes', () => {
    data.hasResource('AWS::Timestream::InfluxDBInstance', {
      DeletionPolicy: 'Retain',
      Properties: {
        PubliclyAccessible: false,
        DeploymentType: 'SINGLE_AZ',
        VpcSubnetIds: [0, 1].map(() => ({ 'Fn::ImportValue': Match.stringLikeRegexp('databasesSubnet') })),
        Password: Match.objectLike({ 'Fn::Join': Match.anyValue() }),
      },
    });
    data.resourceCountIs('AWS::Timestream::Table', 0);
  });

  it('asks for a bucket of 90 days, and hands its token to the tasks from Secrets Manager', () => {
    data.hasResourceProperties('Custom::InfluxBucket', { bucket: 'furrow', retentionDays: '90' });
    const containers = Object.values(services.findResources('AWS::ECS::TaskDefinition')).flatMap(
      ({ Properties }) => Properties.ContainerDefinitions,
    );
    const withToken = containers.filter((container) =>
      container.Secrets?.some((secret: { readonly Name: string }) => secret.Name === 'FURROW_STORE_TOKEN'),
    );
    expect(withToken.map(({ Name }) => Name).sort()).toEqual(['api', 'ingest']);
  });

  it('carries spans to X-Ray where the stage wants them', () => {
    const containers = Object.values(services.findResources('AWS::ECS::TaskDefinition')).flatMap(
      ({ Properties }) => Properties.ContainerDefinitions,
    );
    const senders = containers.filter((container) =>
      JSON.stringify(container).includes('FURROW_OTLP_ENDPOINT'),
    );
    expect(senders.map(({ Name }) => Name).sort()).toEqual(['api', 'downlink', 'ingest']);
    const collectors = containers.filter(({ Name }) => Name === 'collector');
    const configs = collectors.map(({ Environment }) =>
      Environment.map(({ Value }: { readonly Value: unknown }) => JSON.stringify(Value)).join(),
    );
    expect(configs.every((config) => config.includes('awsxray') && config.includes('127.0.0.1:4318'))).toBe(
      true,
    );
  });

  it('ends the names of its queues as the stage says', () => {
    const names = Object.values(queues.findResources('AWS::SQS::Queue')).map(
      ({ Properties }) => Properties.QueueName,
    );
    expect(names).toContain('furrow-uplinks-dev');
    expect(names.every((name) => name.endsWith('-dev'))).toBe(true);
  });
});

describe('a stage with the worker on Lambda', () => {
  const { services, observability } = lambda.templates;

  it('gives back only the messages that failed, with six times its own time before they come again', () => {
    services.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 20 },
    });
    services.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'services/ingest/index.handler',
      Architectures: ['arm64'],
      Timeout: 120,
    });
    lambda.templates.queues.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'furrow-uplinks',
      VisibilityTimeout: 720,
    });
  });

  it('has no worker and no downlink on Fargate', () => {
    const names = Object.keys(services.findResources('AWS::ECS::Service'));
    expect(names.map((name) => name.slice(0, 10))).toEqual([expect.stringContaining('Api')]);
  });

  it('lets the API refuse commands that nobody would deliver', () => {
    expect(JSON.stringify(services.findResources('AWS::ECS::TaskDefinition'))).not.toContain(
      'FURROW_COMMAND_QUEUE_URL',
    );
  });

  it('has an alarm on the ledger of each batch', () => {
    observability.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'furrow-prod-ledger-imbalance-readings',
      TreatMissingData: 'notBreaching',
    });
  });
});
