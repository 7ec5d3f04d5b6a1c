import { describe, expect, it } from 'vitest';
import { loadDownlinkConfig } from '../src/config.ts';
import { isTopicPattern, topicOf } from '../src/mqtt/topics.ts';
import { problemsOf } from './support/problems-of.ts';

const ENV = {
  FURROW_REGISTRY: 'postgres://localhost/furrow',
  FURROW_COMMAND_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/furrow-commands',
  FURROW_MQTT_URL: 'mqtts://broker.example.org:8883',
};

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
