import type { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { CLIENT_ID_PREFIX } from '../../services/downlink/src/mqtt/client-id.ts';
import { stage as dev } from '../stages/dev.ts';
import { stage as prod } from '../stages/prod.ts';
import { actionsOf } from './aws-calls.ts';
import { synthStage } from './synth-stage.ts';

const tasks = synthStage(prod);
const functions = synthStage({ ...prod, ingest: { ...prod.ingest, target: 'lambda' } });
const influx = synthStage(dev);
afterAll(() => {
  for (const stage of [tasks, functions, influx]) stage.remove();
});

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** The statements of the role whose construct begins so. */
function statementsOf(template: Template, role: string): Statement[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(role))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
}

/** A statement as `Sid: actions on resources`, without what CloudFormation adds to names. */
function written({ Sid, Effect, Action, Resource }: Statement): string {
  const resources = JSON.stringify(Resource)
    .replace(/"Fn::ImportValue":"furrow-\w+-\w+:ExportsOutputFnGetAtt(\w+?)[0-9A-F]{8}Arn[0-9A-F]{8}"/g, '$1')
    .replace(/"Fn::ImportValue":"furrow-\w+-\w+:ExportsOutputRef(\w+?)[0-9A-F]{8}[0-9A-F]{8}"/g, '$1')
    .replace(
      /"Fn::ImportValue":"furrow-\w+-\w+:ExportsOutputFnGetAtt(\w+?)[0-9A-F]{8}DBClusterResourceId[0-9A-F]{8}"/g,
      '$1',
    )
    .replace(/"Fn::GetAtt":\["(\w+?)[0-9A-F]{8}","Arn"\]/g, '$1')
    .replace(/"Ref":"(\w+?)[0-9A-F]{8}"/g, '$1');
  return `${Effect} ${Sid}: ${[Action].flat().sort().join(' ')} on ${resources}`;
}

const ofCode = (statements: readonly Statement[]): Statement[] =>
  statements.filter(({ Sid }) => Sid !== 'CollectorMetrics');
const actionsIn = (statements: readonly Statement[]): string[] =>
  [...new Set(statements.flatMap(({ Action }) => Action))].sort();

describe('what a role may do, and what its code calls', () => {
  it.each([
    ['the API', tasks, 'ApiProcessTaskTaskRole', 'services/api/src/main.ts', []],
    ['the worker', tasks, 'IngestProcessTaskTaskRole', 'services/ingest/src/main.ts', []],
    ['the downlink', tasks, 'DownlinkProcessTaskTaskRole', 'services/downlink/src/main.ts', []],
    [
      'the worker on Lambda, and its event source',
      functions,
      'IngestWorkerServiceRole',
      'services/ingest/src/lambda.ts',
      ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    ],
    ['the migration', tasks, 'MigrationProcessTaskTaskRole', 'packages/cli/src/commands/migrate.ts', []],
    [
      'what starts the migration',
      tasks,
      'MigrationRunHandlerServiceRole',
      'infra/src/functions/run-task.ts',
      [],
    ],
  ] as const)('are the same for %s', (_who, stage, role, entry, ofEventSource) => {
    const allowed = actionsIn(ofCode(statementsOf(stage.templates.services, role)));
    expect(allowed).toEqual([...new Set([...actionsOf(entry), ...ofEventSource])].sort());
  });

  it('are the same for the setup of InfluxDB', () => {
    const allowed = actionsIn(statementsOf(influx.templates.data, 'InfluxSetupHandlerServiceRole'));
    expect(allowed).toEqual(actionsOf('infra/src/functions/influx-setup.ts'));
  });

  it.each([
    ['ApiProcessTaskTaskRole', 'services/api/src/main.ts'],
    ['IngestProcessTaskTaskRole', 'services/ingest/src/main.ts'],
  ])('%s has nothing of Timestream where InfluxDB is the store', (role, entry) => {
    const needed = actionsOf(entry).filter((action) => !action.startsWith('timestream:'));
    expect(actionsIn(ofCode(statementsOf(influx.templates.services, role)))).toEqual(needed);
  });
});

const TABLE = 'arn:aws:timestream:eu-central-1:444455556666:database/furrow/table/points';
const STORE = [
  `Allow PointsTable: timestream:DescribeTable timestream:Select timestream:WriteRecords on "${TABLE}"`,
  'Allow TimestreamCells: timestream:CancelQuery timestream:DescribeEndpoints on "*"',
];
const REGISTRY =
  'Allow RegistryLogin: rds-db:connect on {"Fn::Join":["",["arn:aws:rds-db:eu-central-1:444455556666:dbuser:",{RegistryCluster},"/furrow"]]}';
const COLLECTOR = 'Allow CollectorMetrics: logs:CreateLogStream logs:PutLogEvents on {Metrics}';
const TAKE = 'sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage';
const PUT = 'sqs:GetQueueAttributes sqs:SendMessage';

describe('the permissions of each task', () => {
  it.each([
    [
      'ApiProcessTaskTaskRole',
      [
        `Allow Uplinks: ${PUT} on {Uplinks}`,
        `Allow Commands: ${PUT} on {Commands}`,
        ...STORE,
        REGISTRY,
        COLLECTOR,
      ],
    ],
    [
      'IngestProcessTaskTaskRole',
      [
        `Allow Uplinks: ${TAKE} on {Uplinks}`,
        `Allow Quarantine: ${PUT} on {Quarantine}`,
        ...STORE,
        REGISTRY,
        COLLECTOR,
      ],
    ],
    ['DownlinkProcessTaskTaskRole', [`Allow Commands: ${TAKE} on {Commands}`, REGISTRY, COLLECTOR]],
    ['MigrationProcessTaskTaskRole', [REGISTRY]],
  ])('%s: these actions on these resources and no others', (role, expected) => {
    expect(statementsOf(tasks.templates.services, role).map(written)).toEqual(expected);
  });

  it('have no other policy: none inline, none of AWS', () => {
    const roles = Object.entries(tasks.templates.services.findResources('AWS::IAM::Role'));
    const taskRoles = roles.filter(([id]) => /TaskTaskRole/.test(id));
    expect(taskRoles).toHaveLength(4);
    for (const [, { Properties }] of taskRoles) {
      expect(Object.keys(Properties).sort()).toEqual(['AssumeRolePolicyDocument', 'Tags']);
    }
  });
});

describe("what the downlink's certificate may do at the broker", () => {
  const IOT = 'arn:aws:iot:eu-central-1:444455556666';
  const { services } = tasks.templates;

  it('is to connect by the names that it takes, to tell devices and to hear them', () => {
    services.hasResourceProperties('AWS::IoT::Policy', {
      PolicyName: 'furrow-downlink',
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: 'iot:Connect', Resource: `${IOT}:client/${CLIENT_ID_PREFIX}*` },
          { Effect: 'Allow', Action: 'iot:Publish', Resource: `${IOT}:topic/furrow/*/down` },
          { Effect: 'Allow', Action: 'iot:Subscribe', Resource: `${IOT}:topicfilter/furrow/*/up` },
          { Effect: 'Allow', Action: 'iot:Receive', Resource: `${IOT}:topic/furrow/*/up` },
        ],
      },
    });
  });

  it('is attached to the certificate before a task connects', () => {
    services.hasResourceProperties('AWS::IoT::PolicyPrincipalAttachment', {
      PolicyName: 'furrow-downlink',
      Principal: prod.downlink.certificateArn,
    });
    const [attachment] = Object.keys(services.findResources('AWS::IoT::PolicyPrincipalAttachment'));
    const downlink = Object.entries(services.findResources('AWS::ECS::Service')).find(([id]) =>
      id.startsWith('Downlink'),
    );
    expect(downlink?.[1]['DependsOn']).toContain(attachment);
  });
});
