import { startEmbeddedSqs } from '@furrow/queue/embedded';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startGreenhouse } from '../support/all-in-one.ts';
import { FurrowProcess } from '../support/furrow-process.ts';
import { addStation, hearOfStation } from '../support/station.ts';

describe('a command', () => {
  it('goes by HTTP, SQS and MQTT to the gateway, and its confirmation comes back', {
    timeout: 60_000,
  }, async () => {
    const { furrow, call } = await startGreenhouse();
    const { devicePk, inProject, turnOn } = await addStation(furrow);

    const early = await call(turnOn, { method: 'POST' });
    expect([early.status, (early.json.error as { code: string }).code]).toEqual([503, 'DEVICE_OFFLINE']);
    await hearOfStation(furrow, call, inProject);

    const commands: [string, string | undefined][] = [
      [turnOn, undefined],
      [turnOn.replace('/on/', '/off/'), undefined],
      [`${inProject}/reboot/`, '{}'],
      [`${inProject}/set-serial/`, '{"baud_rate":9600,"data_bits":8,"stop_bits":1,"parity":"NONE"}'],
      [`${inProject}/set-tcp/`, '{"host":"iot.yanjiiot.com","port":1883}'],
    ];
    for (const [path, body] of commands) {
      const given = await call(path, { method: 'POST', ...(body !== undefined && { body }) });
      expect(given.status, JSON.stringify(given.json)).toBe(200);
      const { token } = given.json.data as { token: string };
      await vi.waitFor(
        async () => {
          const { json } = await call(`/api/v2/commands/${token}/`);
          expect(json.data).toMatchObject({ state: 'confirmed', device_id: devicePk, reason: null });
        },
        { timeout: 10_000, interval: 50 },
      );
    }
  });
});

describe('furrow downlink', () => {
  it('says all that is wrong with its configuration at once, and exits with 1', async () => {
    const downlink = new FurrowProcess(['downlink'], {
      FURROW_MQTT_URL: 'http://broker',
      FURROW_MQTT_DOWN_TOPIC: 'furrow/down',
    });
    onTestFinished(() => downlink.destroy());
    expect(await downlink.exited()).toBe(1);
    for (const name of [
      'FURROW_REGISTRY',
      'FURROW_COMMAND_QUEUE_URL',
      'FURROW_MQTT_URL',
      'FURROW_MQTT_DOWN_TOPIC',
    ]) {
      expect(downlink.output).toContain(`  - ${name}: `);
    }
    expect(downlink.output).not.toMatch(/^\s+at /m);
  });

  it('does not start without its broker, and names it', { timeout: 60_000 }, async () => {
    const sqs = await startEmbeddedSqs();
    onTestFinished(() => sqs.close());
    const downlink = new FurrowProcess(['downlink'], {
      AWS_ENDPOINT_URL_SQS: sqs.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      FURROW_COMMAND_QUEUE_URL: sqs.queueUrl('furrow-commands'),
      FURROW_REGISTRY: 'pglite::memory:',
      FURROW_MQTT_URL: 'mqtt://127.0.0.1:9',
      FURROW_HTTP: '127.0.0.1:0',
    });
    onTestFinished(() => downlink.destroy());
    expect(await downlink.exited(), downlink.output).toBe(1);
    expect(downlink.output).toMatch(/the broker 127\.0\.0\.1:9 does not take the connection/);
    expect(downlink.output).not.toMatch(/^\s+at /m);
  });
});
