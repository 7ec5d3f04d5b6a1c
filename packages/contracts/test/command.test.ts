import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commandActionSchema,
  commandTokenSchema,
  serialSettingsSchema,
  supportsCommand,
  tcpEndpointSchema,
} from '../src/index.ts';

const serial = { baud_rate: 9600, data_bits: 8, stop_bits: 1, parity: 'NONE' };

describe('serialSettingsSchema', () => {
  it('takes what the documents show', () => {
    expect(serialSettingsSchema.parse(serial)).toEqual(serial);
  });

  it.each([
    [{ baud_rate: 9601 }, 'baud_rate'],
    [{ baud_rate: 1_000_000 }, 'baud_rate'],
    [{ baud_rate: '9600' }, 'baud_rate'],
    [{ baud_rate: Number.NaN }, 'baud_rate'],
    [{ data_bits: 5 }, 'data_bits'],
    [{ data_bits: 9 }, 'data_bits'],
    [{ stop_bits: 1.5 }, 'stop_bits'],
    [{ stop_bits: 0 }, 'stop_bits'],
    [{ parity: 'none' }, 'parity'],
    [{ parity: 'NONE\r\nAT+CLRCFG' }, 'parity'],
    [{ parity: undefined }, 'parity'],
  ])('refuses %j and names %s', (change, field) => {
    const parsed = serialSettingsSchema.safeParse({ ...serial, ...change });
    expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([field]);
    expect(parsed.error?.issues[0]?.message).toContain(field);
  });
});

describe('tcpEndpointSchema', () => {
  it.each([
    'iot.yanjiiot.com',
    'localhost',
    '10.0.0.1',
    '255.255.255.255',
    'a',
    'a-b.c-d',
    `${'x'.repeat(63)}`,
  ])('takes the host %s', (host) => {
    expect(tcpEndpointSchema.safeParse({ host, port: 1883 })).toMatchObject({ success: true });
  });

  it.each([
    '',
    ' ',
    'a b',
    'a,b',
    'a\r\nAT+CLRCFG',
    'a\n',
    'a\u0000',
    '-a',
    'a-',
    'a..b',
    '.a',
    'a.',
    '256.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    'höst',
    'tcp://host',
    'host:1883',
    '::1',
    'x'.repeat(64),
    `${'x'.repeat(40)}.${'y'.repeat(40)}`,
  ])('refuses the host %j', (host) => {
    expect(tcpEndpointSchema.safeParse({ host, port: 1883 }).success).toBe(false);
  });

  it.each([0, -1, 65_536, 1.5, '1883', null])('refuses the port %j', (port) => {
    expect(tcpEndpointSchema.safeParse({ host: 'a', port }).success).toBe(false);
  });

  it('takes no character that could end one command and begin another', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (host) => {
        if (tcpEndpointSchema.safeParse({ host, port: 1 }).success) expect(host).toMatch(/^[\w.-]{1,64}$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('commandActionSchema', () => {
  it.each([
    [{ kind: 'switch', unit: 0, address: 0, on: true }, 'the broadcast, which nobody confirms'],
    [{ kind: 'switch', unit: 248, address: 0, on: true }, 'a reserved slave'],
    [{ kind: 'switch', unit: 1, address: 65_536, on: true }, 'an address beyond 16 bits'],
    [{ kind: 'switch', unit: 1, address: 0, on: 'true' }, 'text for a boolean'],
    [{ kind: 'raw', bytes: '00' }, 'a kind that is not there'],
  ])('refuses %j: %s', (action: unknown, _why: string) => {
    expect(commandActionSchema.safeParse(action).success).toBe(false);
  });
});

describe('supportsCommand', () => {
  it('says what a model can be told', () => {
    expect(supportsCommand('yy-m200', 'reboot')).toBe(true);
    expect(supportsCommand('transparent', 'switch')).toBe(true);
    expect(supportsCommand('transparent', 'reboot')).toBe(false);
    expect(supportsCommand('none', 'switch')).toBe(false);
  });
});

describe('commandTokenSchema', () => {
  it('takes its own form alone', () => {
    expect(commandTokenSchema.safeParse(`cmd_${'A_-9'.repeat(5)}AB`).success).toBe(true);
    for (const text of ['', 'cmd_', `cmd_${'A'.repeat(23)}`, `cmd_${'A'.repeat(21)}/`, 'A'.repeat(26)])
      expect(commandTokenSchema.safeParse(text).success).toBe(false);
  });
});
