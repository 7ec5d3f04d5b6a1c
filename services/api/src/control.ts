import type { CommandSender } from '@furrow/queue';

/** How commands to devices leave the API. */
export interface Control {
  readonly sender: Pick<CommandSender, 'send'>;
  readonly settings: ControlSettings;
}

export interface ControlSettings {
  /** Seconds after which a command is not sent any more. */
  readonly commandSeconds: number;
  /** A device is online for this many seconds after it was last heard of. */
  readonly onlineSeconds: number;
}

export const DEFAULT_CONTROL: ControlSettings = { commandSeconds: 60, onlineSeconds: 900 };
