import { asc, type GetColumnData, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { RegisteredDevice, RegisteredFactor } from '../records.ts';
import { devices, type FactorExtras, factors, orgs, projects } from '../schema/index.ts';

/** The columns of a {@link RegisteredDevice}; the query joins `orgs` and left-joins `projects`. */
export const deviceColumns = {
  pk: devices.pk,
  deviceId: devices.deviceId,
  agriId: devices.agriId,
  orgId: orgs.slug,
  orgPk: orgs.pk,
  projectId: projects.projectId,
  projectName: projects.name,
  deviceName: devices.deviceName,
  info: devices.info,
  allow: devices.allow,
  scaled: devices.scaled,
  gatewayModel: devices.gatewayModel,
  bindTime: devices.bindTime,
  createTime: devices.createTime,
  connectTime: devices.connectTime,
  version: devices.version,
} satisfies Record<keyof RegisteredDevice, unknown>;

/** The columns of a {@link RegisteredFactor}; {@link factorOf} makes one of their row. */
export const factorColumns = {
  pk: factors.pk,
  devicePk: factors.devicePk,
  agri_id: factors.agriId,
  name: factors.name,
  unit: factors.unit,
  address: factors.address,
  data_index: factors.dataIndex,
  modbus_type: factors.modbusType,
  data_type: factors.dataType,
  data_endian: factors.dataEndian,
  data_factor: factors.dataFactor,
  data_delta: factors.dataDelta,
  the_type: factors.theType,
  info: factors.info,
  enabled: factors.enabled,
  extras: factors.extras,
} satisfies Record<Exclude<keyof RegisteredFactor, keyof FactorExtras> | 'extras', unknown>;

/** The definition as contracts has it, its optional parts beside the others. */
export function factorOf<Row extends { readonly extras: FactorExtras }>(
  row: Row,
): Omit<Row, 'extras'> & FactorExtras {
  const { extras, ...factor } = row;
  return { ...factor, ...extras };
}

/**
 * `column = any(values)` with all the values in one parameter, so that their number has no limit and the statement one
 * text.
 */
export function anyOf(column: AnyPgColumn, values: readonly string[] | readonly number[]): SQL {
  const type = column.dataType === 'number' ? sql`integer[]` : sql`text[]`;
  return sql`${column} = any(${sql.param(values)}::${type})`;
}

/**
 * The factors of a device as one JSON array, in the order of their keys, from a query grouped by device: a row for each
 * factor costs the drivers several times as much. `columns` are of the types that JSON has; a double keeps its last digit.
 */
export function factorArray<Columns extends Readonly<Record<string, AnyPgColumn>>>(columns: Columns) {
  type Row = { [Key in keyof Columns]: GetColumnData<Columns[Key]> };
  return sql<Row[]>`json_agg(${jsonObject(columns)} order by ${asc(factors.pk)})`;
}

/** A device as JSON has it: its times are text. */
type DeviceJson = { [Key in keyof RegisteredDevice]: TextOfTime<RegisteredDevice[Key]> };
type TextOfTime<Value> = Value extends Date ? string : Value;

/**
 * All devices of a query as one JSON array in this order, null when there are none, for the same reason; the query joins `orgs` and
 * left-joins `projects`. {@link deviceOf} makes a device of each.
 */
export function deviceArray(order: SQL): SQL<DeviceJson[] | null> {
  return sql`json_agg(${jsonObject(deviceColumns)} order by ${order})`;
}

/** A device out of {@link deviceArray}. */
export function deviceOf(json: DeviceJson): RegisteredDevice {
  const { bindTime, createTime, connectTime } = json;
  return {
    ...json,
    bindTime: bindTime === null ? null : new Date(bindTime),
    createTime: new Date(createTime),
    connectTime: connectTime === null ? null : new Date(connectTime),
  };
}

function jsonObject(columns: Readonly<Record<string, AnyPgColumn>>): SQL {
  const pairs = Object.entries(columns).map(([key, column]) => sql`${sql.raw(`'${key}'`)}, ${column}`);
  return sql`json_build_object(${sql.join(pairs, sql`, `)})`;
}
