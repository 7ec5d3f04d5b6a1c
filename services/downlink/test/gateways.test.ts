import {
  BAUD_RATES,
  type CommandAction,
  commandActionSchema,
  GATEWAY_MODEL_NAMES,
  supportsCommand,
} from '@furrow/contracts';
import { formatHex } from '@furrow/decoding';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atStep } from '../src/gateways/at-step.ts';
import { commandSteps } from '../src/gateways/command-steps.ts';
import { YY_M200 } from '../src/gateways/yy-m200.ts';

const SERIAL = {
  kind: 'set_serial',
  baud_rate: 9600,
  data_bits: 8,
  stop_bits: 1,
  parity: 'NONE',
} as const satisfies CommandAction;
const textOf = (payload: Uint8Array) => Buffer.from(payload).toString('latin1');
const texts = (action: CommandAction) =>
  commandSteps('yy-m200', action).map(({ payload }) => textOf(payload));
const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('commandSteps', () => {
  it.each<[CommandAction, string[]]>([
    [{ kind: 'reboot' }, ['NAT@AT+REBOOT\r\n']],
    [SERIAL, ['NAT@AT+UART1=9600,8,1,NONE,NFC\r\n', 'NAT@AT+REBOOT\r\n']],
    [
      { kind: 'set_tcp', host: 'iot.yanjiiot.com', port: 1883 },
      ['NAT@AT+SOCK1A=MQTT,iot.yanjiiot.com,1883\r\n'],
    ],
  ])('%j is %j for a YY-M200', (action, expected) => {
    expect(texts(action)).toEqual(expected);
  });

  it('writes a coil in a frame, and never repeats it', () => {
    const [step, ...more] = commandSteps('transparent', { kind: 'switch', unit: 1, address: 0, on: true });
    expect(more).toEqual([]);
    expect(formatHex(step?.payload ?? new Uint8Array())).toBe('01050000FF008C3A');
    expect(step?.isRepeatable).toBe(false);
  });

  it('repeats settings, and no reboot', () => {
    expect(commandSteps('yy-m200', SERIAL).map(({ isRepeatable }) => isRepeatable)).toEqual([true, false]);
  });

  it.each(GATEWAY_MODEL_NAMES.filter((model) => !supportsCommand(model, 'reboot')))(
    'has no reboot for the model %s',
    (model) => {
      expect(() => commandSteps(model, { kind: 'reboot' })).toThrow(RangeError);
    },
  );

  it('makes one line with one command of whatever passes validation', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'ab1.-,;=@+\r\n\0 ATNAT@OK') }),
      fc.constantFrom('a\r\nNAT@AT+CLRCFG', 'a,1883\r\nAT+REBOOT', 'iot.yanjiiot.com'),
    );
    const action = fc.oneof(
      fc.record({ kind: fc.constant('set_tcp'), host: text, port: fc.oneof(fc.integer(), text) }),
      fc.record({
        kind: fc.constant('set_serial'),
        baud_rate: fc.oneof(fc.constantFrom(...BAUD_RATES), fc.double(), text),
        data_bits: fc.constantFrom(7, 8, '8\r\n', 5),
        stop_bits: fc.constantFrom(1, 2, 3),
        parity: fc.oneof(fc.constantFrom('NONE', 'ODD', 'EVEN'), text),
      }),
    );
    fc.assert(
      fc.property(action, (given) => {
        const parsed = commandActionSchema.safeParse(given);
        if (!parsed.success) return;
        for (const line of texts(parsed.data)) {
          expect(line).toMatch(/^NAT@AT\+[A-Z0-9]+(=[A-Za-z0-9.,-]+)?\r\n$/);
          expect(line.match(/AT\+/g)).toHaveLength(1);
          expect(line.length - 4).toBeLessThanOrEqual(256);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('atStep', () => {
  const command = (...given: (string | number)[]) => ({ name: 'AT+X', arguments: given, isRepeatable: true });

  it.each(['a,b', 'a\r\nAT+CLRCFG', 'a\n', 'a b', 'a=b', 'NAT@AT+X', 'é', '\u0000'])(
    'makes no text of the argument %j, whoever let it through',
    (given) => {
      expect(() => atStep(YY_M200, command(given))).toThrow(RangeError);
    },
  );

  it('makes no line that is too long for the gateway', () => {
    expect(() => atStep(YY_M200, command('x'.repeat(256)))).toThrow(/at most 256/);
  });

  it.each([
    ['\r\nOK\r\n', 'confirmed', ''],
    ['OK', 'confirmed', ''],
    ['AT+X=1\r\n\r\nOK\r\n', 'confirmed', ''],
    ['\r\n+ERROR:ARGS\r\n', 'refused', 'AT+X was answered ERROR ARGS'],
    ['\r\nERROR\r\n', 'refused', 'AT+X was answered ERROR'],
    ['\r\n+ERROR: CMD_UNKNOWN\r\n', 'refused', 'AT+X was answered ERROR CMD_UNKNOWN'],
    ['\x01\x03\x02\x00\xf5\x78\x03\r\nOK\r\n', 'confirmed', ''],
    ['\r\n+ERROR:ARGS\r\nOK\r\n', 'refused', 'AT+X was answered ERROR ARGS'],
  ])('reads %j as %s', (said, kind, detail) => {
    expect(atStep(YY_M200, command(1)).read(bytes(said))).toEqual({ kind, detail });
  });

  it.each(['', '\r\n', 'BOOK', 'TOKEN', 'OKAY', '\x01\x03\x02\x00\xf5\x78\x03', '+VER:V1.3.0\r\n'])(
    'reads no answer in %j',
    (said) => {
      expect(atStep(YY_M200, command(1)).read(bytes(said))).toBeUndefined();
    },
  );
});
