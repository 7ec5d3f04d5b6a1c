import type { CommandAction, CommandReason, CommandState } from '@furrow/contracts';
import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { devices, factors } from './devices.ts';
import { orgs } from './orgs.ts';
import { tokens } from './tokens.ts';

/**
 * Commands, oldest first by their keys. The row is the truth about a command; the queue only says that there is one. Two rules are
 * the database's own: a token names one command, and at most one command of a device is `sent` at a time, because the bus behind a
 * gateway is half-duplex.
 */
export const commands = pgTable(
  'commands',
  {
    pk: integer('pk').primaryKey().generatedAlwaysAsIdentity(),
    token: text('token').notNull().unique(),
    orgPk: integer('org_pk')
      .notNull()
      .references(() => orgs.pk, { onDelete: 'cascade' }),
    devicePk: integer('device_pk')
      .notNull()
      .references(() => devices.pk, { onDelete: 'cascade' }),
    /** The factor that was switched; null for the others, and when the factor is gone. */
    factorPk: integer('factor_pk').references(() => factors.pk, { onDelete: 'set null' }),
    /** The access token by which it was given; null when that is gone. */
    requestedBy: integer('requested_by').references(() => tokens.pk, { onDelete: 'set null' }),
    action: jsonb('action').$type<CommandAction>().notNull(),
    state: text('state').$type<CommandState>().notNull().default('queued'),
    reason: text('reason').$type<CommandReason>(),
    /** What the device said, or what else is known of this case. */
    detail: text('detail').notNull().default(''),
    createTime: instant('create_time').notNull().default(sql`clock_timestamp()`),
    /** It is not sent at or after this time. */
    expiresAt: instant('expires_at').notNull(),
    sentTime: instant('sent_time'),
    /** Without a confirmation by then it has failed, whether or not anybody is left to say so. */
    answerBy: instant('answer_by'),
    finishTime: instant('finish_time'),
  },
  (table) => [
    uniqueIndex('commands_one_in_flight').on(table.devicePk).where(sql`${table.state} = 'sent'`),
    index('commands_waiting_index').on(table.devicePk, table.pk).where(sql`${table.state} = 'queued'`),
    index('commands_create_time_index').on(table.createTime),
    check('commands_state', sql`${table.state} in ('queued', 'sent', 'confirmed', 'failed', 'expired')`),
    check('commands_sent', sql`${table.state} <> 'sent' or ${table.answerBy} is not null`),
  ],
);
