import { FIRST_SLAVE, LAST_SLAVE } from '@furrow/contracts';
import type { RegisteredFactor } from '@furrow/registry';
import { ApiError } from '../errors.ts';
import { noQuery } from '../query-schemas.ts';
import { type Route, route } from '../route.ts';
import { COMMAND_ERRORS, EXAMPLE_TAKEN, giveCommand, takenCommandSchema } from './give-command.ts';
import { factorPath } from './paths.ts';

function switchRoute(on: boolean): Route {
  const word = on ? 'on' : 'off';
  return route({
    method: 'POST',
    path: `/devices/{device_id}/factors/{factor_id}/${word}/`,
    operationId: on ? 'turnFactorOn' : 'turnFactorOff',
    tag: 'Control',
    summary: `Turn a factor ${word}`,
    description:
      'For factors that are coils. The answer says that the command is on its way; its state says whether the device confirmed it. ' +
      'A command that cannot be sent within a minute expires.',
    role: 'manager',
    params: factorPath,
    query: noQuery,
    answer: takenCommandSchema,
    errors: ['FACTOR_NOT_FOUND', 'DEVICE_NOT_FOUND', ...COMMAND_ERRORS],
    example: { params: { device_id: '1', factor_id: '1' }, answer: EXAMPLE_TAKEN },
    handle: async (call, deps) => {
      const { device_id: devicePk, factor_id: factorPk } = call.params;
      const found = await deps.registry.findFactor(call.caller, { devicePk, factorPk });
      if (!found) throw new ApiError('FACTOR_NOT_FOUND', `device ${devicePk} has no factor ${factorPk}`);
      const { device, factor } = found;
      const problem = notASwitch(factor);
      if (problem)
        throw new ApiError('INVALID_COMMAND', `factor ${factorPk} cannot be turned ${word}: ${problem}`);
      return await giveCommand(call, deps, {
        device,
        key: { devicePk },
        factorPk,
        action: { kind: 'switch', unit: factor.unit, address: factor.address + factor.data_index, on },
      });
    },
  });
}

/** Why a factor cannot be switched; undefined when it can. Its value must be the coil's own, so that "on" is on. */
function notASwitch(factor: RegisteredFactor): string | undefined {
  if (factor.modbus_type !== 'coil') return `it is no coil (modbus_type ${factor.modbus_type})`;
  if (!factor.enabled) return 'it is not enabled';
  const isScaled = factor.data_factor !== 1 || factor.data_delta !== 0 || factor.lookup || factor.polynomial;
  if (isScaled) return 'its value is not the coil itself (data_factor 1, data_delta 0)';
  if (factor.unit < FIRST_SLAVE || factor.unit > LAST_SLAVE) {
    return `unit ${factor.unit} is not ${FIRST_SLAVE} to ${LAST_SLAVE}, and nobody would confirm it`;
  }
  return undefined;
}

/** Switching (reference 002: "Control Factor"). */
export const factorControlRoutes: readonly Route[] = [switchRoute(true), switchRoute(false)];
