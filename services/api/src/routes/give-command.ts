import { type CommandAction, type CommandKind, supportsCommand } from '@furrow/contracts';
import { type DeviceKey, MAX_WAITING_COMMANDS, type RegisteredDevice } from '@furrow/registry';
import { inSpan } from '@furrow/runtime';
import { z } from 'zod';
import type { ApiDeps } from '../api-deps.ts';
import { ApiError, type ApiErrorCode } from '../errors.ts';
import type { Call } from '../route.ts';
import { DONE, messageSchema } from '../schemas/message.ts';

/** The answer to a command that was taken: it is queued, not done. */
export const takenCommandSchema = messageSchema
  .extend({
    token: z.string().describe('Asks for the state of the command: `GET /commands/{command_token}/`'),
  })
  .meta({ id: 'TakenCommand' });

export const EXAMPLE_COMMAND_TOKEN = 'cmd_q83vEjRWeJq83vASNFZ4mg';
export const EXAMPLE_TAKEN = { message: DONE, token: EXAMPLE_COMMAND_TOKEN };

/** What every command may be answered with. */
export const COMMAND_ERRORS: readonly ApiErrorCode[] = [
  'FORBIDDEN',
  'CONFLICT',
  'INVALID_COMMAND',
  'DEVICE_COMMAND_FAILED',
  'DEVICE_OFFLINE',
];

export interface CommandToGive {
  readonly device: RegisteredDevice;
  readonly key: DeviceKey;
  readonly factorPk?: number;
  readonly action: CommandAction;
}

/** What a command is called when it is refused. */
const NAMES: Readonly<Record<CommandKind, string>> = {
  reboot: 'be rebooted',
  set_serial: 'be told the settings of its serial port',
  set_tcp: 'be told its server',
  switch: 'switch anything',
};

/**
 * Writes a command down, then puts it on the queue. Throws, in this order: FORBIDDEN for a blocked device, INVALID_COMMAND for one
 * that knows no such command, DEVICE_OFFLINE, CONFLICT when too many wait, and DEVICE_COMMAND_FAILED when the queue did not take it;
 * it is not sent then.
 */
export async function giveCommand(call: CommandCall, deps: ApiDeps, command: CommandToGive) {
  return await inSpan('api.command', { kind: 'server', from: call.trace }, () => give(call, deps, command));
}

type CommandCall = Pick<Call<unknown, unknown, unknown>, 'caller' | 'trace'>;

async function give(
  { caller }: CommandCall,
  { registry, control }: ApiDeps,
  { device, key, factorPk, action }: CommandToGive,
) {
  if (!device.allow) throw new ApiError('FORBIDDEN', `device ${device.pk} is blocked (allow = false)`);
  if (!supportsCommand(device.gatewayModel, action.kind)) {
    throw new ApiError(
      'INVALID_COMMAND',
      `a device of the model ${device.gatewayModel} cannot ${NAMES[action.kind]}`,
    );
  }
  if (control === undefined) {
    throw new ApiError(
      'SERVICE_UNAVAILABLE',
      'this installation sends no commands: it has no commands queue',
    );
  }
  requireOnline(device, control.settings.onlineSeconds);
  const issued = await registry.commands.issue(caller, key, {
    action,
    requestedBy: caller.id,
    ttlSeconds: control.settings.commandSeconds,
    ...(factorPk !== undefined && { factorPk }),
  });
  switch (issued.kind) {
    case 'no_device':
      throw new ApiError('DEVICE_NOT_FOUND', `there is no device ${device.pk} any more`);
    case 'too_many':
      throw new ApiError('CONFLICT', `${MAX_WAITING_COMMANDS} commands of the device wait already`);
  }
  const { token, agriId } = issued;
  try {
    await control.sender.send({ v: 1, org_id: caller.orgId, device: agriId, token });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // The caller's answer does not wait for a registry that is down too: the command expires by itself.
    await registry.commands.refused(token, reason).catch(() => undefined);
    throw new ApiError('DEVICE_COMMAND_FAILED', 'the command could not be queued; it is not sent', {
      cause: error,
    });
  }
  return { message: DONE, token };
}

function requireOnline({ pk, connectTime }: RegisteredDevice, onlineSeconds: number): void {
  if (connectTime !== null && Date.now() - connectTime.getTime() <= onlineSeconds * 1000) return;
  const since =
    connectTime === null ? 'it was never heard of' : `it was last heard of at ${connectTime.toISOString()}`;
  throw new ApiError('DEVICE_OFFLINE', `device ${pk} is offline: ${since}`);
}
