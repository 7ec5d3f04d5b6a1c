import { and, asc, desc, eq, ilike, or, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { openProjects } from '../lookups/scope.ts';
import type { AccessScope } from '../records.ts';
import { devices, projects } from '../schema/index.ts';

/** What devices can be put in order by. */
const ORDER_COLUMNS = {
  pk: devices.pk,
  deviceId: devices.deviceId,
  deviceName: devices.deviceName,
  info: devices.info,
  allow: devices.allow,
  bindTime: devices.bindTime,
  createTime: devices.createTime,
  connectTime: devices.connectTime,
} as const satisfies Record<string, PgColumn>;

export type DeviceOrderField = keyof typeof ORDER_COLUMNS;

/** Which devices of a scope, and in which order. */
export interface DeviceQuery {
  /** Only those of the project with this public name. */
  readonly projectId?: string | undefined;
  /** Only those that have this text in `device_id`, `device_name` or `info`, in any letter case. */
  readonly search?: string | undefined;
  readonly allow?: boolean | undefined;
  /** The most important key first; the primary key decides between equals. A time that is not known comes last. */
  readonly order?: readonly { readonly field: DeviceOrderField; readonly descending: boolean }[] | undefined;
}

/** The devices of the scope that the query wants; the statement left-joins `projects`. */
export function deviceFilter(scope: AccessScope, query: DeviceQuery): SQL | undefined {
  const { projectId, search, allow } = query;
  return and(
    eq(devices.orgPk, scope.orgPk),
    openProjects(scope),
    projectId === undefined ? undefined : eq(projects.projectId, projectId),
    search === undefined || search === '' ? undefined : searchFilter(search),
    allow === undefined ? undefined : eq(devices.allow, allow),
  );
}

export function deviceOrder({ order = [] }: DeviceQuery): SQL[] {
  const keys = order.map(({ field, descending }) => {
    const column = ORDER_COLUMNS[field];
    return descending ? sql`${column} desc nulls last` : sql`${column} asc nulls last`;
  });
  const last = order.at(0)?.descending ? desc(devices.pk) : asc(devices.pk);
  return [...keys, last];
}

/** Devices with this text in a field that people know them by; the characters that LIKE reads as more than themselves stand for themselves. */
export function searchFilter(search: string): SQL | undefined {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  return or(
    ilike(devices.deviceId, pattern),
    ilike(devices.deviceName, pattern),
    ilike(devices.info, pattern),
  );
}
