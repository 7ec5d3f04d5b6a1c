import type { CommandEnd } from '@furrow/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALPHA, EAST, type LivingApi } from '../living-api.ts';

const SERIAL = { baud_rate: 9600, data_bits: 8, stop_bits: 1, parity: 'NONE' };
const TCP = { host: 'iot.yanjiiot.com', port: 1883 };

export function controlSuite(api: LivingApi): void {
  describe('control', () => {
    const devicePk = () => api.pk('868686000123457');
    const factors: Record<string, number> = {};
    const at = (path: string) => `${ALPHA}/${devicePk()}/${path}/`;
    const turn = (factor: string, word = 'on') =>
      `/api/v2/devices/${devicePk()}/factors/${factors[factor]}/${word}/`;
    const setDevice = (change: object) => api.registry.applyFleet(fleetOf(change));
    const fleetOf = (change: object) => ({
      orgs: [
        {
          slug: 'yanji-lab',
          tokens: [],
          projects: [
            {
              project_id: 'greenhouse-alpha',
              devices: [{ device_id: '868686000123457', factors: [], ...change }],
            },
          ],
        },
      ],
    });
    /** Ends what earlier cases left waiting. */
    const clear = () => api.registry.commands.forgetBefore(new Date(Date.now() + 60_000));

    beforeAll(async () => {
      const coil = {
        unit: 2,
        address: 3,
        data_index: 1,
        modbus_type: 'coil',
        data_type: 'bool',
        the_type: 'switch',
        data_endian: 'big',
      };
      const wanted = {
        pump: coil,
        holding: { ...coil, address: 7, modbus_type: 'holding', data_type: 'uint16' },
        discrete: { ...coil, address: 4, modbus_type: 'discrete' },
        disabled: { ...coil, address: 5, enabled: false },
        inverted: { ...coil, address: 6, data_factor: -1, data_delta: 1 },
        broadcast: { ...coil, unit: 0 },
      };
      for (const [name, body] of Object.entries(wanted)) {
        const answer = await api.ask('POST', `/api/v2/devices/${devicePk()}/factors/`, {
          body,
        });
        expect(answer.status, answer.body).toBe(200);
        factors[name] = answer.json.data.pk;
      }
      api.registry.contacts.note(devicePk());
      await api.registry.contacts.flush();
    });
    afterAll(async () => {
      for (const pk of Object.values(factors))
        await api.ask('DELETE', `/api/v2/devices/${devicePk()}/factors/${pk}/`);
    });

    it.each<[string, () => string, object | undefined, object]>([
      ['reboot', () => at('reboot'), {}, { kind: 'reboot' }],
      ['set-serial', () => at('set-serial'), SERIAL, { kind: 'set_serial', ...SERIAL }],
      ['set-tcp', () => at('set-tcp'), TCP, { kind: 'set_tcp', ...TCP }],
      ['on', () => turn('pump'), undefined, { kind: 'switch', unit: 2, address: 4, on: true }],
      ['off', () => turn('pump', 'off'), undefined, { kind: 'switch', unit: 2, address: 4, on: false }],
    ])('takes a command, writes it down and puts it on the queue: %s', async (action, path, body, kept) => {
      await clear();
      const before = api.commandsSent.length;
      const answer = await api.ask('POST', path(), {
        headers: { 'content-type': 'application/json' },
        ...(body && { body }),
      });
      expect(answer.status, answer.body).toBe(200);
      expect(answer.json.data).toEqual({
        message: 'Operation successful',
        token: expect.stringMatching(/^cmd_/),
      });
      const { token } = answer.json.data;
      expect(api.commandsSent.slice(before)).toEqual([
        { v: 1, org_id: 'yanji-lab', device: 'd-1001-abcd', token },
      ]);
      const { json } = await api.ask('GET', `/api/v2/commands/${token}/`, { token: 'reader' });
      const isSwitch = action === 'on' || action === 'off';
      expect(json.data).toMatchObject({
        token,
        action,
        device_id: devicePk(),
        factor_id: isSwitch ? factors['pump'] : null,
        state: 'queued',
        reason: null,
        sent_time: null,
        finish_time: null,
      });
      expect(Date.parse(json.data.expires_at) - Date.parse(json.data.create_time)).toBeGreaterThan(59_000);
      expect(await api.registry.commands.claim(token, () => 20_000)).toMatchObject({
        command: { action: kept },
      });
    });

    it.each([
      ['set-serial', { ...SERIAL, baud_rate: 9601 }, 'baud_rate'],
      ['set-serial', { ...SERIAL, parity: 'NONE\r\nNAT@AT+CLRCFG' }, 'parity'],
      ['set-serial', {}, 'baud_rate'],
      ['set-serial', [], ''],
      ['set-tcp', { ...TCP, host: 'a,1\r\nNAT@AT+CLRCFG' }, 'host'],
      ['set-tcp', { ...TCP, host: '' }, 'host'],
      ['set-tcp', { ...TCP, port: 0 }, 'port'],
      ['set-tcp', { ...TCP, port: '1883' }, 'port'],
    ])('refuses what the device has not, by field: %s %j', async (path, body, field) => {
      const before = api.commandsSent.length;
      const { status, json } = await api.ask('POST', at(path), { body });
      expect([status, json.error.code]).toEqual([422, 'INVALID_COMMAND']);
      expect(json.error.fields[0].name).toBe(field);
      expect(api.commandsSent).toHaveLength(before);
    });

    it.each([
      ['holding', /no coil/],
      ['discrete', /no coil/],
      ['disabled', /not enabled/],
      ['inverted', /not the coil itself/],
      ['broadcast', /unit 0/],
    ])('switches nothing that is no switch: %s', async (factor, why) => {
      const { status, json } = await api.ask('POST', turn(factor));
      expect([status, json.error.code]).toEqual([422, 'INVALID_COMMAND']);
      expect(json.error.message).toMatch(why);
    });

    it('gives no command to a device that is offline', async () => {
      const { status, json } = await api.ask('POST', `${EAST}/${api.pk('868686000200000')}/reboot/`);
      expect([status, json.error.code]).toEqual([503, 'DEVICE_OFFLINE']);
      expect(json.error.message).toContain('never heard of');
    });

    it('gives no command that the model does not know, and none to a blocked device', async () => {
      await setDevice({ gateway_model: 'transparent' });
      expect((await api.ask('POST', at('reboot'))).json.error).toMatchObject({
        code: 'INVALID_COMMAND',
        message: 'a device of the model transparent cannot be rebooted',
      });
      await setDevice({ gateway_model: 'none' });
      expect((await api.ask('POST', turn('pump'))).json.error.code).toBe('INVALID_COMMAND');
      await setDevice({ gateway_model: 'yy-m200', allow: false });
      expect((await api.ask('POST', at('reboot'))).json.error.code).toBe('FORBIDDEN');
      await setDevice({ allow: true });
    });

    it('says 500 when the queue takes nothing, and sends nothing later', async () => {
      await clear();
      const issue = api.registry.commands;
      api.commandsRefusedWith = new Error('AccessDenied at http://queue');
      const { status, json, body } = await api.ask('POST', turn('pump'));
      api.commandsRefusedWith = undefined;
      expect([status, json.error.code]).toEqual([500, 'DEVICE_COMMAND_FAILED']);
      expect(body).not.toContain('AccessDenied');
      const next = await api.ask('POST', turn('pump'));
      expect(await issue.claim(next.json.data.token, () => 20_000)).toMatchObject({ kind: 'claimed' });
    });

    it('lets ten commands of a device wait, no more', async () => {
      await clear();
      for (let count = 0; count < 10; count++) expect((await api.ask('POST', at('reboot'))).status).toBe(200);
      const { status, json } = await api.ask('POST', at('reboot'));
      expect([status, json.error.code]).toEqual([409, 'CONFLICT']);
      await clear();
    });

    it.each<[string, CommandEnd | undefined, object]>([
      ['sent', undefined, { state: 'sent', reason: null, finish_time: null }],
      ['confirmed', { state: 'confirmed' }, { state: 'confirmed', reason: null }],
      [
        'failed',
        { state: 'failed', reason: 'refused', detail: 'Modbus exception 2: illegal data address' },
        {
          state: 'failed',
          reason: {
            code: 'refused',
            message: 'The device refused the command. (Modbus exception 2: illegal data address)',
          },
        },
      ],
      [
        'expired',
        { state: 'expired', reason: 'too_late' },
        { state: 'expired', reason: { code: 'too_late' } },
      ],
    ])('tells each state of a command, with its times and its reason: %s', async (_, end, expected) => {
      await clear();
      const { token } = (await api.ask('POST', turn('pump'))).json.data;
      await api.registry.commands.claim(token, () => 20_000);
      if (end) await api.registry.commands.settle(token, end);
      const { status, json } = await api.ask('GET', `/api/v2/commands/${token}/`);
      expect(status).toBe(200);
      expect(json.data).toMatchObject(expected);
      expect(json.data.sent_time).toMatch(/Z$/);
      if (end) expect(json.data.finish_time).toMatch(/Z$/);
      await clear();
      expect((await api.ask('GET', `/api/v2/commands/${token}/`)).status).toBe(404);
    });

    it.each(['x', 'cmd_', `cmd_${'A'.repeat(23)}`, "cmd_' or 1=1 --"])(
      'knows no command %j',
      async (text) => {
        const { status, json } = await api.ask('GET', `/api/v2/commands/${encodeURIComponent(text)}/`);
        expect([status, json.error.code]).toEqual([400, 'VALIDATION_ERROR']);
      },
    );

    it('answers 503 where there is no commands queue', async () => {
      api.restart({ requestsPerMinute: 0 }, false);
      const { status, json } = await api.ask('POST', turn('pump'));
      expect([status, json.error.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect(json.error.message).toContain('no commands queue');
      api.restart();
    });
  });
}
