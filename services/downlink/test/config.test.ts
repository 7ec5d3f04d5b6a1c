import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@furrow/runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { brokerLogin, loadDownlinkConfig } from '../src/config.ts';
import { isTopicPattern, topicOf } from '../src/mqtt/topics.ts';

const ENV = {
  FURROW_REGISTRY: 'postgres://localhost/furrow',
  FURROW_COMMAND_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/furrow-commands',
  FURROW_MQTT_URL: 'mqtts://broker.example.org:8883',
};

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadDownlinkConfig', () => {
  it('needs a registry, a queue and a broker, and has defaults for the rest', () => {
    expect(loadDownlinkConfig(ENV)).toMatchObject({
      FURROW_MQTT_VERSION: '5',
      FURROW_MQTT_DOWN_TOPIC: 'furrow/{device_id}/down',
      FURROW_CONFIRM_SECONDS: 15,
    });
    expect(problemsOf(() => loadDownlinkConfig({}))).toHaveLength(3);
  });

  it.each([
    ['FURROW_MQTT_URL', 'http://broker'],
    ['FURROW_MQTT_DOWN_TOPIC', 'furrow/down'],
    ['FURROW_MQTT_UP_TOPIC', 'furrow/+/{device_id}'],
    ['FURROW_MQTT_VERSION', '3'],
    ['FURROW_CONFIRM_SECONDS', '0'],
  ])('refuses %s=%s', (name, value) => {
    const [problem, ...more] = problemsOf(() => loadDownlinkConfig({ ...ENV, [name]: value }));
    expect(problem).toContain(name);
    expect(more).toEqual([]);
  });

  it('does not show a password', () => {
    const url = 'http://user:secret@broker';
    expect(problemsOf(() => loadDownlinkConfig({ ...ENV, FURROW_MQTT_URL: url })).join()).not.toContain(
      'secret',
    );
  });
});

describe('brokerLogin', () => {
  it('names every file that cannot be used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'furrow-login-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const wrong = join(folder, 'cert.pem');
    await writeFile(wrong, 'hello');
    const config = loadDownlinkConfig({
      ...ENV,
      FURROW_MQTT_URL: 'mqtt://broker',
      FURROW_MQTT_CERT: wrong,
      FURROW_MQTT_CA: join(folder, 'nowhere.pem'),
    });
    const problems = problemsOf(() => brokerLogin(config)).join('\n');
    expect(problems).toMatch(/FURROW_MQTT_CERT: the file holds no such thing/);
    expect(problems).toMatch(/FURROW_MQTT_CA: the file cannot be read/);
    expect(problems).toMatch(/FURROW_MQTT_CERT and FURROW_MQTT_KEY: set both/);
    expect(problems).toMatch(/certificates are for mqtts/);
  });
});

describe('topicOf', () => {
  it('puts the device in its place', () => {
    expect(topicOf('furrow/{device_id}/down', '868686000123456')).toBe('furrow/868686000123456/down');
  });

  it.each(['', 'a/b', '+', '#', 'a b', 'a\u0000', '$&', 'x'.repeat(65)])(
    'makes no topic of the device_id %j',
    (id) => {
      expect(() => topicOf('furrow/{device_id}/down', id)).toThrow(RangeError);
    },
  );
});

describe('isTopicPattern', () => {
  it.each(['{device_id}', 'a/{device_id}', '$aws/{device_id}/x'])('takes %s', (text) => {
    expect(isTopicPattern(text)).toBe(true);
  });

  it.each(['', 'a', '{device_id}/{device_id}', 'a{device_id}', '#/{device_id}', 'a//{device_id}'])(
    'refuses %j',
    (text) => {
      expect(isTopicPattern(text)).toBe(false);
    },
  );
});
