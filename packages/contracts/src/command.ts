import { z } from 'zod';
import { agriIdSchema } from './agri-id.ts';
import { LAST_ADDRESS } from './factor.ts';

/** What a device can be told. `switch` writes one coil. */
export const COMMAND_KINDS = ['reboot', 'set_serial', 'set_tcp', 'switch'] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

/**
 * Models of gateways, each with what it can be told. `yy-m200` is the DTU with the AT commands of its manual; `transparent` passes
 * bytes to its serial bus and knows no commands of its own; `none` takes nothing.
 */
export const GATEWAY_MODELS = {
  'yy-m200': COMMAND_KINDS,
  transparent: ['switch'],
  none: [],
} as const satisfies Record<string, readonly CommandKind[]>;

export type GatewayModel = keyof typeof GATEWAY_MODELS;
export const GATEWAY_MODEL_NAMES = Object.keys(GATEWAY_MODELS) as [GatewayModel, ...GatewayModel[]];

/** True when a gateway of that model can be told that. */
export function supportsCommand(model: GatewayModel, kind: CommandKind): boolean {
  const kinds: readonly CommandKind[] = GATEWAY_MODELS[model];
  return kinds.includes(kind);
}

/** Rates of a serial port that the gateways have (manual of the YY-M200, section 8.5: 2400 to 921600). */
export const BAUD_RATES = [
  2400, 4800, 9600, 14_400, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600,
] as const;
export const DATA_BITS = [7, 8] as const;
export const STOP_BITS = [1, 2] as const;
export const PARITIES = ['NONE', 'ODD', 'EVEN'] as const;

/** The settings of a gateway's serial port. */
export const serialSettingsSchema = z.object({
  baud_rate: z.literal(BAUD_RATES, `baud_rate is one of ${BAUD_RATES.join(', ')}`),
  data_bits: z.literal(DATA_BITS, `data_bits is one of ${DATA_BITS.join(', ')}`),
  stop_bits: z.literal(STOP_BITS, `stop_bits is one of ${STOP_BITS.join(', ')}`),
  parity: z.enum(PARITIES, `parity is one of ${PARITIES.join(', ')}`),
});

/** The longest address of a server that the gateways take (same manual, AT+SOCK). */
export const HOST_MAX_LENGTH = 64;
const HOST_RULE = `host is a host name or an IPv4 address of at most ${HOST_MAX_LENGTH} characters`;
const HOST_NAME = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*$/;
const ALL_DIGITS = /^[\d.]+$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** The server that a gateway connects to. A host holds nothing that could end one command and begin another. */
export const tcpEndpointSchema = z.object({
  host: z
    .string(HOST_RULE)
    .max(HOST_MAX_LENGTH, HOST_RULE)
    .regex(HOST_NAME, HOST_RULE)
    .refine((host) => !ALL_DIGITS.test(host) || IPV4.test(host), HOST_RULE),
  port: z.int('port is a whole number').min(1, 'port is 1 to 65535').max(65_535, 'port is 1 to 65535'),
});

/** The slave addresses that answer (Modbus over serial line 1.02, section 2.2): 0 is the broadcast, which nobody confirms. */
export const FIRST_SLAVE = 1;
export const LAST_SLAVE = 247;

/** A command as it is kept and carried out, whole: nothing is looked up between its validation and its delivery. */
export const commandActionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reboot') }),
  z.object({ kind: z.literal('set_serial'), ...serialSettingsSchema.shape }),
  z.object({ kind: z.literal('set_tcp'), ...tcpEndpointSchema.shape }),
  z.object({
    kind: z.literal('switch'),
    unit: z.int().min(FIRST_SLAVE).max(LAST_SLAVE),
    address: z.int().min(0).max(LAST_ADDRESS),
    on: z.boolean(),
  }),
]);
export type CommandAction = z.output<typeof commandActionSchema>;

/**
 * The life of a command: `queued` → `sent` → `confirmed` or `failed`; what is not sent in time becomes `expired`. The last three
 * are final.
 */
export const COMMAND_STATES = ['queued', 'sent', 'confirmed', 'failed', 'expired'] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** Why a command failed or expired: the closed list, each with the sentence that people read. */
export const COMMAND_REASONS = {
  queue_refused: 'The commands queue did not take the command; it was not sent.',
  too_late: 'The command could not be sent in time, and was not sent.',
  device_unbound: 'The device was taken out of its project; the command was not sent.',
  device_blocked: 'The device was blocked (allow = false); the command was not sent.',
  not_supported: 'A device of this model cannot be told this; the command was not sent.',
  refused: 'The device refused the command.',
  no_answer: 'The device did not confirm the command in time. Whether it carried it out is not known.',
  connection_lost:
    'The connection to the broker was lost as the command was sent. Whether the device carried it out is not known.',
} as const;
export type CommandReason = keyof typeof COMMAND_REASONS;
export const COMMAND_REASON_CODES = Object.keys(COMMAND_REASONS) as [CommandReason, ...CommandReason[]];

const COMMAND_TOKEN_PATTERN = /^cmd_[A-Za-z0-9_-]{22}$/;

/** Names one command to who gave it: 128 random bits. */
export const commandTokenSchema = z
  .string('a command token is text')
  .regex(COMMAND_TOKEN_PATTERN, 'a command token is "cmd_" and 22 letters, digits, "_" or "-"');

/**
 * What stands on the commands queue. It only names a command of the registry, which says what is sent: who can write to the queue
 * can give no command of his own. `device` keeps the commands of one device in line.
 */
export const commandMessageSchema = z.object({
  v: z.literal(1),
  org_id: z.string(),
  device: agriIdSchema,
  token: commandTokenSchema,
});
export type CommandMessage = z.output<typeof commandMessageSchema>;
