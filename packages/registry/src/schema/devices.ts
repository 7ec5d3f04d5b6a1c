import type { DataEndian, DataType, FactorDefinition, GatewayModel, ModbusType } from '@furrow/contracts';
import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { agriIdColumn, instant } from './columns.ts';
import { orgs, projects } from './orgs.ts';

/** Numbers of the agri_ids that the platform makes: `d-<number>-<four letters or digits>`. */
export const deviceNumbers = pgSequence('device_numbers', { startWith: 1000 });

/**
 * Devices. A device is made by hardware manufacturing and belongs to no organization until it is bound; one that is bound
 * to an organization may be in no project. Triggers (migration 0001) keep two rules:
 *
 * - `version` grows with every change of the device or of its factors, in the same transaction; `connect_time` alone does
 *   not count.
 * - no agri_id lies under or above one of another organization.
 */
export const devices = pgTable(
  'devices',
  {
    pk: integer('pk').primaryKey().generatedAlwaysAsIdentity(),
    orgPk: integer('org_pk').references(() => orgs.pk, { onDelete: 'restrict' }),
    projectPk: integer('project_pk'),
    /** Hardware identifier: IMEI or serial number. */
    deviceId: text('device_id').notNull().unique(),
    agriId: agriIdColumn('agri_id').notNull().unique(),
    deviceName: text('device_name').notNull().default(''),
    info: text('info').notNull().default(''),
    /** The code on the label; a device without one cannot be bound by it. */
    safeCode: text('safe_code'),
    /** When false, the device may not relay data. */
    allow: boolean('allow').notNull().default(true),
    /** True when its gateway sends engineering values instead of raw readings. */
    scaled: boolean('scaled').notNull().default(false),
    /** What its gateway is, and so what it can be told. */
    gatewayModel: text('gateway_model').$type<GatewayModel>().notNull().default('yy-m200'),
    bindTime: instant('bind_time'),
    createTime: instant('create_time').notNull().defaultNow(),
    /** When the device was last heard of. */
    connectTime: instant('connect_time'),
    version: integer('version').notNull().default(1),
  },
  (table) => [
    foreignKey({
      name: 'devices_project_of_org_fk',
      columns: [table.orgPk, table.projectPk],
      foreignColumns: [projects.orgPk, projects.pk],
    }).onDelete('restrict'),
    check('devices_project_needs_org', sql`${table.projectPk} is null or ${table.orgPk} is not null`),
    index('devices_org_project_index').on(table.orgPk, table.projectPk),
    index('devices_project_index').on(table.projectPk),
  ],
);

/**
 * What a factor's definition says beyond the columns of its own, such as a bit, a range or labels. Absent keys are not
 * said.
 */
export type FactorExtras = Omit<
  FactorDefinition,
  | 'unit'
  | 'modbus_type'
  | 'address'
  | 'data_index'
  | 'data_type'
  | 'data_endian'
  | 'data_factor'
  | 'data_delta'
  | 'the_type'
  | 'info'
  | 'enabled'
>;

/**
 * Factors, normalised as contracts does it. The key is the position in the device, down to the bit for factors that are one
 * of a register; `agri_id` is a label, unique everywhere. The types are text without a constraint, and optional parts of
 * the definition are JSON, so that a new register type or option is no migration.
 */
export const factors = pgTable(
  'factors',
  {
    pk: integer('pk').primaryKey().generatedAlwaysAsIdentity(),
    devicePk: integer('device_pk')
      .notNull()
      .references(() => devices.pk, { onDelete: 'cascade' }),
    agriId: agriIdColumn('agri_id').notNull().unique(),
    name: text('name').notNull().default(''),
    unit: integer('unit').notNull(),
    modbusType: text('modbus_type').$type<ModbusType>().notNull(),
    address: integer('address').notNull(),
    dataIndex: integer('data_index').notNull(),
    dataType: text('data_type').$type<DataType>().notNull(),
    dataEndian: text('data_endian').$type<DataEndian>().notNull(),
    dataFactor: doublePrecision('data_factor').notNull(),
    dataDelta: doublePrecision('data_delta').notNull(),
    theType: text('the_type').notNull(),
    info: text('info').notNull().default(''),
    enabled: boolean('enabled').notNull().default(true),
    extras: jsonb('extras').$type<FactorExtras>().notNull().default({}),
    createTime: instant('create_time').notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex('factors_position_unique').on(
      table.devicePk,
      table.unit,
      table.modbusType,
      table.address,
      table.dataIndex,
      sql`coalesce((${table.extras} ->> 'bit')::integer, -1)`,
    ),
  ],
);
