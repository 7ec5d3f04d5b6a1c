import type { CommandAction, GatewayModel } from '@furrow/contracts';
import type { AtDialect } from './at-dialect.ts';
import { atStep } from './at-step.ts';
import { coilStep } from './coil-step.ts';
import type { Step } from './step.ts';
import { YY_M200 } from './yy-m200.ts';

/** The AT dialect of each model; undefined for those that have none. */
const DIALECTS: Readonly<Record<GatewayModel, AtDialect | undefined>> = {
  'yy-m200': YY_M200,
  transparent: undefined,
  none: undefined,
};

/** The steps of a command for a model of gateway, in their order. Throws a RangeError when the model cannot be told that. */
export function commandSteps(model: GatewayModel, action: CommandAction): readonly Step[] {
  if (action.kind === 'switch') return [coilStep(action.unit, action.address, action.on)];
  const dialect = DIALECTS[model];
  if (dialect === undefined) throw new RangeError(`a gateway ${model} knows no ${action.kind}`);
  return atCommands(dialect, action).map((command) => atStep(dialect, command));
}

function atCommands({ actions }: AtDialect, action: Exclude<CommandAction, { kind: 'switch' }>) {
  switch (action.kind) {
    case 'reboot':
      return actions.reboot(action);
    case 'set_serial':
      return actions.set_serial(action);
    case 'set_tcp':
      return actions.set_tcp(action);
  }
}

/** How often a step is sent at most, while the command is not too late. */
export function attemptsOf(step: Step): number {
  return step.isRepeatable ? 2 : 1;
}
