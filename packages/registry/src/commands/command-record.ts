import type { AgriId, CommandAction, CommandReason, CommandState, GatewayModel } from '@furrow/contracts';
import { sql } from 'drizzle-orm';
import { commands } from '../schema/index.ts';

/** A command as its giver may see it. Times are UTC, by the clock of the database. */
export interface CommandRecord {
  readonly token: string;
  readonly devicePk: number;
  /** The factor that was switched; null for other commands, and when the factor is gone. */
  readonly factorPk: number | null;
  readonly action: CommandAction;
  readonly state: CommandState;
  /** Why it failed or expired; null otherwise. */
  readonly reason: CommandReason | null;
  /** What the device said, or what else is known of this case; may be empty. */
  readonly detail: string;
  readonly createTime: Date;
  readonly expiresAt: Date;
  readonly sentTime: Date | null;
  /** When its state became final; for one that nobody finished, when its time was over. */
  readonly finishTime: Date | null;
}

/** A command that may be sent now, by whom it was claimed alone. */
export interface ClaimedCommand {
  readonly token: string;
  readonly action: CommandAction;
  readonly devicePk: number;
  readonly deviceId: string;
  readonly agriId: AgriId;
  readonly gatewayModel: GatewayModel;
  /** Milliseconds until it may not be sent any more, counted from before the claim was made. */
  readonly sendWithinMs: number;
}

const overdue = sql`${commands.state} = 'queued' and ${commands.expiresAt} <= clock_timestamp()`;
const unanswered = sql`${commands.state} = 'sent' and ${commands.answerBy} <= clock_timestamp()`;

/**
 * The columns of a {@link CommandRecord}. A command whose time is over reads as what it is, also when the process that had it in
 * hand is gone and nobody has written that down.
 */
export const recordColumns = {
  token: commands.token,
  devicePk: commands.devicePk,
  factorPk: commands.factorPk,
  action: commands.action,
  state: sql<CommandState>`case when ${overdue} then 'expired' when ${unanswered} then 'failed' else ${commands.state} end`,
  reason: sql<CommandReason | null>`case when ${overdue} then 'too_late' when ${unanswered} then 'no_answer' else ${commands.reason} end`,
  detail: commands.detail,
  createTime: commands.createTime,
  expiresAt: commands.expiresAt,
  sentTime: commands.sentTime,
  finishTime:
    sql<Date | null>`case when ${overdue} then ${commands.expiresAt} when ${unanswered} then ${commands.answerBy} else ${commands.finishTime} end`.mapWith(
      commands.finishTime,
    ),
} satisfies Record<keyof CommandRecord, unknown>;
