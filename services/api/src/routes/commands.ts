import { COMMAND_REASON_CODES, COMMAND_REASONS, COMMAND_STATES, commandTokenSchema } from '@furrow/contracts';
import type { CommandRecord } from '@furrow/registry';
import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { noQuery } from '../query-schemas.ts';
import { type Route, route } from '../route.ts';
import { EXAMPLE_COMMAND_TOKEN } from './give-command.ts';

const time = z.iso.datetime();
const ACTIONS = ['reboot', 'set-serial', 'set-tcp', 'on', 'off'] as const;

const commandSchema = z
  .object({
    token: commandTokenSchema,
    action: z.enum(ACTIONS),
    device_id: z.int().describe('Primary key of the device'),
    factor_id: z.int().nullable().describe('Primary key of the factor that is switched; null for the others'),
    state: z
      .enum(COMMAND_STATES)
      .describe('queued, then sent, then confirmed or failed; expired when it could not be sent in time'),
    reason: z
      .object({ code: z.enum(COMMAND_REASON_CODES), message: z.string() })
      .nullable()
      .describe('Why it failed or expired'),
    create_time: time,
    expires_at: time.describe('It is not sent at or after this time'),
    sent_time: time.nullable(),
    finish_time: time.nullable().describe('When its state became final'),
  })
  .meta({ id: 'Command' });

const getCommand = route({
  method: 'GET',
  path: '/commands/{command_token}/',
  operationId: 'getCommand',
  tag: 'Control',
  summary: 'The state of a command',
  description: 'Known for 90 days, to tokens that reach the device.',
  role: 'reader',
  params: z.object({ command_token: commandTokenSchema }),
  query: noQuery,
  answer: commandSchema,
  errors: ['NOT_FOUND'],
  example: {
    params: { command_token: EXAMPLE_COMMAND_TOKEN },
    answer: {
      token: EXAMPLE_COMMAND_TOKEN,
      action: 'on',
      device_id: 1,
      factor_id: 1,
      state: 'confirmed',
      reason: null,
      create_time: '2024-02-16T08:00:00.120Z',
      expires_at: '2024-02-16T08:01:00.120Z',
      sent_time: '2024-02-16T08:00:00.310Z',
      finish_time: '2024-02-16T08:00:00.840Z',
    },
  },
  handle: async ({ caller, params }, { registry }) => {
    const command = await registry.commands.find(caller, params.command_token);
    if (command === undefined) throw new ApiError('NOT_FOUND', 'no such command');
    return commandAnswer(command);
  },
});

function commandAnswer(command: CommandRecord): z.input<typeof commandSchema> {
  return {
    token: command.token,
    action: actionOf(command),
    device_id: command.devicePk,
    factor_id: command.factorPk,
    state: command.state,
    reason: reasonOf(command),
    create_time: command.createTime.toISOString(),
    expires_at: command.expiresAt.toISOString(),
    sent_time: command.sentTime?.toISOString() ?? null,
    finish_time: command.finishTime?.toISOString() ?? null,
  };
}

function actionOf({ action }: CommandRecord): (typeof ACTIONS)[number] {
  switch (action.kind) {
    case 'switch':
      return action.on ? 'on' : 'off';
    case 'set_serial':
      return 'set-serial';
    case 'set_tcp':
      return 'set-tcp';
    default:
      return action.kind;
  }
}

/** The sentence of the reason, with what the device said. What the queue said is for operators. */
function reasonOf({ reason, detail }: CommandRecord): z.input<typeof commandSchema>['reason'] {
  if (reason === null) return null;
  const said = reason === 'queue_refused' || detail === '' ? '' : ` (${detail})`;
  return { code: reason, message: `${COMMAND_REASONS[reason]}${said}` };
}

/** What became of commands. */
export const commandRoutes: readonly Route[] = [getCommand];
