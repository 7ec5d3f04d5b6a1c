import type { AtDialect } from './at-dialect.ts';

const REBOOT = { name: 'AT+REBOOT', arguments: [], isRepeatable: false };

/**
 * The DTU YY-M200, by its manual (sections 7.4 and 8): a line that comes from the network and begins with `NAT@` is a command, the
 * rest goes to the serial bus unchanged. A setting is kept at once and holds from the next reboot. The device that is told over MQTT
 * stays with MQTT: its socket gets that type and no other. Answers come within 12 seconds.
 */
export const YY_M200: AtDialect = {
  prefix: 'NAT@',
  lineEnd: '\r\n',
  maxLineBytes: 256,
  done: /(?:^|[\r\n])OK(?:[\r\n]|$)/,
  refused: /(?:^|[\r\n])\+?ERROR(?::\s*(\w+))?(?:[\r\n]|$)/,
  actions: {
    reboot: () => [REBOOT],
    set_serial: ({ baud_rate, data_bits, stop_bits, parity }) => [
      { name: 'AT+UART1', arguments: [baud_rate, data_bits, stop_bits, parity, 'NFC'], isRepeatable: true },
      REBOOT,
    ],
    set_tcp: ({ host, port }) => [{ name: 'AT+SOCK1A', arguments: ['MQTT', host, port], isRepeatable: true }],
  },
};
