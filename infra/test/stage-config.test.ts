import { ConfigError } from '@furrow/runtime';
import { describe, expect, it } from 'vitest';
import { loadStage, stageNames } from '../src/load-stage.ts';
import { parseStage } from '../src/stage-config.ts';
import { stage as dev } from '../stages/dev.ts';

function problemsOf(input: unknown): readonly string[] {
  try {
    parseStage(input);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('parseStage', () => {
  it('lists every problem at once, each with its field', () => {
    const problems = problemsOf({
      ...dev,
      account: '12',
      store: 'influx',
      surprise: 1,
      api: { ...dev.api, image: { repository: 'furrow/api', tag: 'latest' } },
      network: { ...dev.network, natGateways: 0 },
    });
    expect(problems).toEqual([
      'account: the 12 digits of the AWS account',
      'network.natGateways: a whole number from 1 to 3',
      'store: timestream or influxdb',
      'api.image.tag: an image tag; latest is no version',
      expect.stringContaining('surprise'),
    ]);
  });

  it.each<[string, Partial<typeof dev>, string]>([
    [
      'sizes that Fargate has not',
      { ingest: { ...dev.ingest, cpu: 1024, memoryMib: 1_024 } },
      'ingest.memoryMib',
    ],
    [
      'more tasks at the least than at the most',
      { api: { ...dev.api, minTasks: 3, maxTasks: 2 } },
      'api.maxTasks',
    ],
    [
      'a zone elsewhere',
      { network: { ...dev.network, zones: ['eu-central-1a', 'us-east-1a'] } },
      'network.zones.1',
    ],
    ['a gateway too many', { network: { ...dev.network, natGateways: 3 } }, 'network.natGateways'],
    ['a certificate of another region', { region: 'eu-west-1' }, 'api.certificateArn'],
    ['a function without its token', { ingest: { ...dev.ingest, target: 'lambda' } }, 'ingest.target'],
    [
      'a registry that shrinks upwards',
      { registry: { ...dev.registry, minCapacity: 4 } },
      'registry.maxCapacity',
    ],
    [
      'spans without a collector',
      { observability: { ...dev.observability, metrics: false, traces: true } },
      'observability.traces',
    ],
    [
      'a broker in the clear',
      { downlink: { ...dev.downlink, mqttUrl: 'mqtt://broker' } },
      'downlink.mqttUrl',
    ],
    [
      'a secret by its name, to which the six characters are missing',
      {
        downlink: {
          ...dev.downlink,
          certificateSecretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:furrow',
        },
      },
      'downlink.certificateSecretArn',
    ],
    ['a broker certificate of another region', { region: 'eu-west-1' }, 'downlink.certificateArn'],
  ])('refuses %s', (_what, change, field) => {
    expect(problemsOf({ ...dev, ...change }).map((problem) => problem.split(':', 1)[0])).toContain(field);
  });
});

describe('loadStage', () => {
  it('reads every stage that has a file', async () => {
    expect(stageNames()).toEqual(['dev', 'prod']);
    const stages = await Promise.all(stageNames().map(loadStage));
    expect(stages.map(({ stage }) => stage)).toEqual(stageNames());
  });

  it.each(['test', '../package', 'Dev', ''])('refuses %j and says which there are', async (name) => {
    await expect(loadStage(name)).rejects.toThrow('there are dev, prod');
  });
});
