import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { coilWriteFrame } from '@furrow/decoding';
import { probeQueue } from '@furrow/queue';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerAsGateway } from '../src/embedded/index.ts';
import { testBrokers } from './support/brokers.ts';
import { Farm, OFF, ON } from './support/farm.ts';

const SERIAL = { kind: 'set_serial', baud_rate: 9600, data_bits: 8, stop_bits: 1, parity: 'NONE' } as const;
const TCP = { kind: 'set_tcp', host: 'iot.yanjiiot.com', port: 1883 } as const;
/** Long enough for any answer on a busy machine. */
const PATIENT_MS = 10_000;
const silence = () => undefined;
const exception = Buffer.from('018502c351', 'hex');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(testBrokers())('DownlinkWorker on $name', (testBroker) => {
  const farm = new Farm(testBroker);
  beforeAll(() => farm.open());
  beforeEach(() => farm.begin());
  afterAll(() => farm.close());
  const texts = (told: readonly Buffer[]) => told.map((each) => each.toString('latin1'));

  it('switches a coil, and confirms by its echo alone', async () => {
    const gateway = await farm.gateway();
    const { metrics } = await farm.worker();
    const token = await farm.give(ON);
    expect(await farm.until(token, 'confirmed')).toEqual({ state: 'confirmed', reason: null, detail: '' });
    expect(gateway.told).toEqual([Buffer.from(coilWriteFrame(1, 3, true))]);
    expect(gateway.coils.get('1/3')).toBe(true);
    expect(await metrics()).toMatch(/furrow_downlink_commands_total\{end="confirmed",service="downlink"\} 1/);
    await farm.until(await farm.give(OFF), 'confirmed');
    expect(gateway.coils.get('1/3')).toBe(false);
    await farm.registry.contacts.flush();
    const device = await farm.registry.findDevice(farm.scope, { devicePk: farm.pk('hw-1') });
    expect(device?.connectTime).toBeInstanceOf(Date);
  });

  it.each<[string, () => string | Uint8Array | undefined, object]>([
    [
      'an exception',
      () => exception,
      { reason: 'refused', detail: 'Modbus exception 2: illegal data address' },
    ],
    ['silence', silence, { reason: 'no_answer', detail: 'write coil 3 of unit 1 was not answered' }],
    [
      'the echo of another value',
      () => coilWriteFrame(1, 3, false),
      {
        reason: 'no_answer',
        detail: expect.stringMatching(/^answered 0105000300003DCA to 01050003FF007C3A$/),
      },
    ],
    ['the echo of another unit', () => coilWriteFrame(2, 3, true), { reason: 'no_answer' }],
    ['the text OK', () => '\r\nOK\r\n', { reason: 'no_answer' }],
  ])('fails a coil write after %s, and sends it no second time', async (_, answer, end) => {
    const gateway = await farm.gateway(answer);
    await farm.worker();
    const token = await farm.give(ON);
    expect(await farm.until(token, 'confirmed', 'failed')).toMatchObject({ state: 'failed', ...end });
    await farm.untilEmpty();
    expect(gateway.told).toHaveLength(1);
  });

  it('joins an answer that comes in pieces, among readings of the bus', async () => {
    const reading = Buffer.from('01030200f57803', 'hex');
    await farm.gateway((told, gateway) => {
      gateway.say(Buffer.concat([reading, told.subarray(0, 3)]));
      return told.subarray(3);
    });
    await farm.worker();
    expect(await farm.until(await farm.give(ON), 'confirmed', 'failed')).toMatchObject({
      state: 'confirmed',
    });
  });

  it('keeps a command failed when its answer comes too late', async () => {
    const gateway = await farm.gateway(silence);
    await farm.worker();
    const token = await farm.give(ON);
    await farm.until(token, 'failed');
    gateway.say(coilWriteFrame(1, 3, true));
    await farm.untilEmpty();
    expect(await farm.look(token)).toMatchObject({ state: 'failed', reason: 'no_answer' });
  });

  it('hears no retained answer of an earlier day', async () => {
    const gateway = await farm.gateway(silence);
    await gateway.retain(coilWriteFrame(1, 3, true));
    await farm.worker();
    expect(await farm.until(await farm.give(ON), 'confirmed', 'failed')).toMatchObject({ state: 'failed' });
    await gateway.retain(new Uint8Array());
  });

  it('fails a command for a gateway that is away, and it hears nothing of it later', async () => {
    await farm.worker();
    const token = await farm.give(ON);
    await farm.until(token, 'sent');
    expect(await farm.until(token, 'failed')).toMatchObject({ reason: 'no_answer' });
    const gateway = await farm.gateway();
    await farm.until(await farm.give(OFF), 'confirmed');
    expect(gateway.told).toEqual([Buffer.from(coilWriteFrame(1, 3, false))]);
  });

  it('sets the serial port, then reboots', async () => {
    const gateway = await farm.gateway();
    await farm.worker();
    await farm.until(await farm.give(SERIAL), 'confirmed');
    expect(texts(gateway.told)).toEqual(['NAT@AT+UART1=9600,8,1,NONE,NFC\r\n', 'NAT@AT+REBOOT\r\n']);
  });

  it('does not reboot after a setting that the gateway refused', async () => {
    const gateway = await farm.gateway(() => '\r\n+ERROR:ARGS\r\n');
    await farm.worker();
    const end = await farm.until(await farm.give(SERIAL), 'confirmed', 'failed');
    expect(end).toEqual({ state: 'failed', reason: 'refused', detail: 'AT+UART1 was answered ERROR ARGS' });
    expect(gateway.told).toHaveLength(1);
  });

  it('tells a setting once more when it was not answered', async () => {
    const gateway = await farm.gateway((_, { told }) => (told.length === 2 ? '\r\nOK\r\n' : undefined));
    await farm.worker();
    expect(await farm.until(await farm.give(TCP), 'confirmed', 'failed')).toMatchObject({
      state: 'confirmed',
    });
    expect(texts(gateway.told)).toEqual(Array(2).fill('NAT@AT+SOCK1A=MQTT,iot.yanjiiot.com,1883\r\n'));
  });

  it('sends once what the queue delivers often', async () => {
    const gateway = await farm.gateway();
    await Promise.all([farm.worker(), farm.worker()]);
    const token = await farm.issue(ON);
    for (let count = 0; count < 5; count++) await farm.send(token);
    await farm.until(token, 'confirmed');
    await farm.send(token);
    await farm.untilEmpty();
    expect(gateway.told).toHaveLength(1);
  });

  it('keeps the order of a device, one at a time, whatever order the queue has', async () => {
    let inFlight = 0;
    let most = 0;
    const gateway = await farm.gateway((told, self) => {
      most = Math.max(most, ++inFlight);
      setTimeout(() => {
        inFlight--;
        self.say(told);
      }, 40);
      return undefined;
    });
    const other = await farm.gateway(answerAsGateway, 'hw-2');
    const switches = [0, 1, 2, 3, 4].map((address) => ({ ...ON, address }) as const);
    const tokens: string[] = [];
    for (const action of switches) tokens.push(await farm.issue(action));
    for (const token of tokens.toReversed()) await farm.send(token);
    await Promise.all([farm.worker(PATIENT_MS), farm.worker(PATIENT_MS)]);
    await farm.until(await farm.give(ON, { deviceId: 'hw-2' }), 'confirmed');
    for (const token of tokens)
      expect(await farm.until(token, 'confirmed', 'failed')).toMatchObject({ state: 'confirmed' });
    expect(gateway.told.map((told) => told.readUInt16BE(2))).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(1);
    expect(other.told).toHaveLength(1);
  });

  it('lets a late command expire instead of sending it', async () => {
    const gateway = await farm.gateway();
    const late = await farm.give(ON, { ttlSeconds: 0.05 });
    await pause(100);
    expect(await farm.look(late)).toMatchObject({ state: 'expired' });
    await farm.worker();
    await farm.until(await farm.give(OFF), 'confirmed');
    await farm.untilEmpty();
    expect(await farm.look(late)).toMatchObject({ state: 'expired', reason: 'too_late' });
    expect(gateway.told).toEqual([Buffer.from(coilWriteFrame(1, 3, false))]);
  });

  it('does not send to a device that was blocked meanwhile', async () => {
    const gateway = await farm.gateway();
    const token = await farm.give(ON);
    await farm.registry.devices.update(farm.scope, { devicePk: farm.pk('hw-1') }, { allow: false });
    await farm.worker();
    expect(await farm.until(token, 'failed')).toMatchObject({ reason: 'device_blocked' });
    await farm.untilEmpty();
    expect(gateway.told).toEqual([]);
  });

  it('that is stopped in the middle leaves a command failed, not sent again by the next', async () => {
    const gateway = await farm.gateway(silence);
    const { worker } = await farm.worker();
    const token = await farm.give(ON);
    await vi.waitFor(() => expect(gateway.told).toHaveLength(1));
    await worker.stop(0);
    expect(await farm.look(token)).toMatchObject({
      state: 'failed',
      reason: 'no_answer',
      detail: 'the sender was stopped as it waited',
    });
    await farm.worker();
    await farm.untilEmpty();
    expect(gateway.told).toHaveLength(1);
  });

  it('sends nothing for a command whose sender died after its claim', async () => {
    const gateway = await farm.gateway();
    const token = await farm.give(ON);
    expect(await farm.registry.commands.claim(token, () => 200)).toMatchObject({ kind: 'claimed' });
    await farm.worker();
    await farm.untilEmpty();
    expect(await farm.until(token, 'failed')).toMatchObject({ reason: 'no_answer' });
    expect(gateway.told).toEqual([]);
    await farm.until(await farm.give(OFF), 'confirmed');
  });

  it('pauses while the broker is away; what waits goes out when it is back, unless it is too late', async () => {
    const gateway = await farm.gateway();
    const { cable, readiness } = await farm.worker();
    await cable.cut();
    await vi.waitFor(() => expect(readiness.report().waitingFor).toHaveProperty('broker'));
    const late = await farm.give(ON, { ttlSeconds: 0.05 });
    const good = await farm.give(OFF);
    await pause(300);
    expect(await farm.look(good)).toMatchObject({ state: 'queued' });
    await cable.mend();
    await farm.until(good, 'confirmed');
    await farm.untilEmpty();
    expect(readiness.report().waitingFor).not.toHaveProperty('broker');
    expect(await farm.look(late)).toMatchObject({ state: 'expired' });
    expect(gateway.told).toEqual([Buffer.from(coilWriteFrame(1, 3, false))]);
  });

  it('does not repeat what a broken connection may or may not have carried', async () => {
    const gateway = await farm.gateway(silence);
    const { cable } = await farm.worker();
    const token = await farm.give(ON);
    await vi.waitFor(() => expect(gateway.told).toHaveLength(1));
    await cable.cut();
    expect(await farm.until(token, 'failed')).toMatchObject({ reason: 'connection_lost' });
    const before = cable.connections;
    await cable.mend();
    await vi.waitFor(() => expect(cable.connections).toBeGreaterThan(before));
    await farm.untilEmpty();
    expect(gateway.told).toHaveLength(1);
  });

  it('leaves messages that name no command to the dead letters', async () => {
    const client = farm.client();
    await farm.worker();
    for (const MessageBody of [
      '{',
      '{"v":1}',
      JSON.stringify({ v: 1, org_id: 'x', device: 'd', token: 'cmd_x' }),
    ]) {
      await client.send(new SendMessageCommand({ QueueUrl: farm.queueUrl, MessageBody }));
    }
    await vi.waitFor(
      async () =>
        expect((await probeQueue({ client, queueUrl: farm.deadLetterUrl })).messagesVisible).toBe(3),
      { timeout: 20_000, interval: 200 },
    );
  });

  it('throws away a message whose command nobody knows', async () => {
    const gateway = await farm.gateway();
    await farm.worker();
    await farm.send('cmd_AAAAAAAAAAAAAAAAAAAAAA');
    await farm.untilEmpty();
    expect(gateway.told).toEqual([]);
  });
});
