import {
  type CommandAction,
  type CommandReason,
  type GatewayModel,
  supportsCommand,
} from '@furrow/contracts';
import { and, eq, lt, sql } from 'drizzle-orm';
import type { Database } from '../engine/engine.ts';
import { commands, devices } from '../schema/index.ts';
import type { ClaimedCommand } from './command-record.ts';

/** What became of a claim. */
export type ClaimOutcome =
  /** The command is `sent` now: the caller, and nobody else, sends it. */
  | { readonly kind: 'claimed'; readonly command: ClaimedCommand }
  /** Another command of the device is before it or in flight. Claim it again a little later. */
  | { readonly kind: 'wait' }
  /** There is nothing to do any more: it was claimed before, is over, or never was. */
  | { readonly kind: 'done'; readonly because: 'taken' | 'expired' | 'refused' | 'unknown' };

/** How long sending a command and waiting for its confirmation may take in all, in milliseconds. */
export type AnswerBudget = (model: GatewayModel, action: CommandAction) => number;

/**
 * Moves a command from `queued` to `sent`, in one transaction, if it may be sent at this very moment. The transaction may fail with a
 * conflict when another command of the device is claimed at the same time: that is `wait`.
 */
export async function claimCommand(
  tx: Database,
  token: string,
  answerBudgetMs: AnswerBudget,
): Promise<ClaimOutcome> {
  const [row] = await tx
    .select({
      pk: commands.pk,
      token: commands.token,
      action: commands.action,
      state: commands.state,
      devicePk: commands.devicePk,
      isStill: sql<boolean>`${devices.orgPk} = ${commands.orgPk} and ${devices.projectPk} is not null`,
      allow: devices.allow,
      deviceId: devices.deviceId,
      agriId: devices.agriId,
      gatewayModel: devices.gatewayModel,
      sendWithinMs: sql<number>`(extract(epoch from ${commands.expiresAt} - clock_timestamp()) * 1000)::double precision`,
    })
    .from(commands)
    .innerJoin(devices, eq(devices.pk, commands.devicePk))
    .where(eq(commands.token, token))
    .for('update', { of: commands });
  if (row === undefined) return { kind: 'done', because: 'unknown' };
  if (row.state !== 'queued') return { kind: 'done', because: 'taken' };
  const { pk, state, isStill, allow, ...command } = row;
  if (command.sendWithinMs <= 0) {
    await finish(tx, pk, 'expired', 'too_late');
    return { kind: 'done', because: 'expired' };
  }
  const reason = refusalOf(row);
  if (reason) {
    await finish(tx, pk, 'failed', reason);
    return { kind: 'done', because: 'refused' };
  }
  if (await hasOneBefore(tx, row)) return { kind: 'wait' };
  await tx
    .update(commands)
    .set({
      state: 'sent',
      sentTime: sql`clock_timestamp()`,
      answerBy: sql`clock_timestamp() + make_interval(secs => ${answerBudgetMs(command.gatewayModel, command.action) / 1000})`,
    })
    .where(eq(commands.pk, pk));
  return { kind: 'claimed', command };
}

function refusalOf(row: {
  readonly isStill: boolean | null;
  readonly allow: boolean;
  readonly action: CommandAction;
  readonly gatewayModel: ClaimedCommand['gatewayModel'];
}): CommandReason | undefined {
  if (!row.isStill) return 'device_unbound';
  if (!row.allow) return 'device_blocked';
  return supportsCommand(row.gatewayModel, row.action.kind) ? undefined : 'not_supported';
}

/** Ends what the device never answered, then looks for a command that is in flight or earlier and still good. */
async function hasOneBefore(
  tx: Database,
  { pk, devicePk }: { readonly pk: number; readonly devicePk: number },
): Promise<boolean> {
  await tx
    .update(commands)
    .set({ state: 'failed', reason: 'no_answer', finishTime: sql`${commands.answerBy}` })
    .where(
      and(
        eq(commands.devicePk, devicePk),
        eq(commands.state, 'sent'),
        sql`${commands.answerBy} <= clock_timestamp()`,
      ),
    );
  const ofDevice = eq(commands.devicePk, devicePk);
  const [inFlight] = await tx
    .select({ pk: commands.pk })
    .from(commands)
    .where(and(ofDevice, eq(commands.state, 'sent')))
    .limit(1);
  if (inFlight) return true;
  const [earlier] = await tx
    .select({ pk: commands.pk })
    .from(commands)
    .where(
      and(
        ofDevice,
        eq(commands.state, 'queued'),
        lt(commands.pk, pk),
        sql`${commands.expiresAt} > clock_timestamp()`,
      ),
    )
    .limit(1);
  return earlier !== undefined;
}

async function finish(
  tx: Database,
  pk: number,
  state: 'failed' | 'expired',
  reason: CommandReason,
): Promise<void> {
  await tx
    .update(commands)
    .set({ state, reason, finishTime: sql`clock_timestamp()` })
    .where(eq(commands.pk, pk));
}
