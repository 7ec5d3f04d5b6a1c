import type { CommandAction, CommandKind } from '@furrow/contracts';

/** One AT command: its name and its arguments. */
export interface AtCommand {
  readonly name: string;
  readonly arguments: readonly (string | number)[];
  readonly isRepeatable: boolean;
}

type ActionOf<Kind extends CommandKind> = Extract<CommandAction, { kind: Kind }>;

/** How one maker's gateways take and answer AT commands over the network. */
export interface AtDialect {
  /** What stands before a command, so that it is not passed to the serial bus. */
  readonly prefix: string;
  readonly lineEnd: string;
  /** The longest line, in bytes, without the prefix. */
  readonly maxLineBytes: number;
  /** Finds the answer that the command is done. */
  readonly done: RegExp;
  /** Finds the answer that it is refused; its first group says why. */
  readonly refused: RegExp;
  /** The commands of each action, in their order. */
  readonly actions: {
    readonly [Kind in Exclude<CommandKind, 'switch'>]: (action: ActionOf<Kind>) => readonly AtCommand[];
  };
}
