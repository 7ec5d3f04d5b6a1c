import { randomBytes } from 'node:crypto';
import type { AgriId, CommandAction, CommandReason } from '@furrow/contracts';
import { and, eq, lt, sql } from 'drizzle-orm';
import type { DeviceKey } from '../devices/devices.ts';
import { lockDevice } from '../devices/lock-device.ts';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import { RegistryConflictError } from '../errors.ts';
import { openProjects } from '../lookups/scope.ts';
import type { AccessScope } from '../records.ts';
import { commands, devices, projects } from '../schema/index.ts';
import { type AnswerBudget, type ClaimOutcome, claimCommand } from './claim-command.ts';
import { type CommandRecord, recordColumns } from './command-record.ts';

/** Most commands of one device that may wait at a time. */
export const MAX_WAITING_COMMANDS = 10;

export interface NewCommand {
  readonly action: CommandAction;
  readonly factorPk?: number;
  /** Primary key of the access token by which it is given. */
  readonly requestedBy: number;
  /** Seconds after which it is not sent any more. */
  readonly ttlSeconds: number;
}

export type IssueOutcome =
  | { readonly kind: 'issued'; readonly token: string; readonly agriId: AgriId }
  | { readonly kind: 'no_device' }
  /** {@link MAX_WAITING_COMMANDS} wait already. */
  | { readonly kind: 'too_many' };

/** How a command that was sent ended. */
export type CommandEnd =
  | { readonly state: 'confirmed'; readonly detail?: string }
  | { readonly state: 'failed'; readonly reason: CommandReason; readonly detail?: string }
  | { readonly state: 'expired'; readonly reason: 'too_late' };

/**
 * The commands, from the request to the end. All times are the database's, so that processes whose clocks differ agree on what is
 * too late. All methods throw a {@link RegistryError}.
 */
export class Commands {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Writes a command down as `queued`. The caller puts its token on the queue afterwards, or calls {@link refused}. */
  async issue(scope: AccessScope, key: DeviceKey, command: NewCommand): Promise<IssueOutcome> {
    return await inRegistry(() =>
      this.#db.transaction(async (tx): Promise<IssueOutcome> => {
        // Under the lock of the device, so that the keys of its commands count up in the order in which they become visible.
        const device = await lockDevice(tx, scope, key);
        if (device === undefined) return { kind: 'no_device' };
        const waiting = await tx.$count(
          commands,
          and(
            eq(commands.devicePk, device.pk),
            eq(commands.state, 'queued'),
            sql`${commands.expiresAt} > clock_timestamp()`,
          ),
        );
        if (waiting >= MAX_WAITING_COMMANDS) return { kind: 'too_many' };
        const token = `cmd_${randomBytes(16).toString('base64url')}`;
        await tx.insert(commands).values({
          token,
          orgPk: device.orgPk,
          devicePk: device.pk,
          factorPk: command.factorPk ?? null,
          requestedBy: command.requestedBy,
          action: command.action,
          expiresAt: sql`clock_timestamp() + make_interval(secs => ${command.ttlSeconds})`,
        });
        return { kind: 'issued', token, agriId: device.agriId };
      }),
    );
  }

  /** The queue did not take the command: it will not be sent, even if the queue has it after all. */
  async refused(token: string, detail: string): Promise<void> {
    await inRegistry(async () =>
      this.#db
        .update(commands)
        .set({ state: 'failed', reason: 'queue_refused', detail, finishTime: sql`clock_timestamp()` })
        .where(and(eq(commands.token, token), eq(commands.state, 'queued'))),
    );
  }

  /** The command as it stands; undefined when the scope has none of that token. */
  async find(scope: AccessScope, token: string): Promise<CommandRecord | undefined> {
    const [row] = await inRegistry(async () =>
      this.#db
        .select(recordColumns)
        .from(commands)
        .innerJoin(devices, eq(devices.pk, commands.devicePk))
        .leftJoin(projects, eq(projects.pk, devices.projectPk))
        .where(
          and(
            eq(commands.token, token),
            eq(commands.orgPk, scope.orgPk),
            eq(devices.orgPk, scope.orgPk),
            openProjects(scope),
          ),
        ),
    );
    return row;
  }

  /**
   * Takes a command for sending. Of all who ask for it, ever, one gets it; in the order in which the commands of a device were
   * given, one at a time; never one whose time is over, or whose device was unbound or blocked meanwhile.
   */
  async claim(token: string, answerBudgetMs: AnswerBudget): Promise<ClaimOutcome> {
    try {
      return await inRegistry(() => this.#db.transaction((tx) => claimCommand(tx, token, answerBudgetMs)));
    } catch (error) {
      if (error instanceof RegistryConflictError) return { kind: 'wait' };
      throw error;
    }
  }

  /** Gives a claim back, for which nothing was sent: the command is `queued` again. */
  async release(token: string): Promise<void> {
    await inRegistry(async () =>
      this.#db
        .update(commands)
        .set({ state: 'queued', sentTime: null, answerBy: null })
        .where(and(eq(commands.token, token), eq(commands.state, 'sent'))),
    );
  }

  /** Writes down how a claimed command ended. False when it is over already: an end is final. */
  async settle(token: string, end: CommandEnd): Promise<boolean> {
    const rows = await inRegistry(async () =>
      this.#db
        .update(commands)
        .set({
          state: end.state,
          reason: end.state === 'confirmed' ? null : end.reason,
          detail: 'detail' in end ? (end.detail ?? '') : '',
          finishTime: sql`clock_timestamp()`,
        })
        .where(
          and(
            eq(commands.token, token),
            eq(commands.state, 'sent'),
            sql`${commands.answerBy} > clock_timestamp()`,
          ),
        )
        .returning({ pk: commands.pk }),
    );
    return rows.length > 0;
  }

  /** Deletes the commands that were given before `time`. */
  async forgetBefore(time: Date): Promise<void> {
    await inRegistry(async () => this.#db.delete(commands).where(lt(commands.createTime, time)));
  }
}
