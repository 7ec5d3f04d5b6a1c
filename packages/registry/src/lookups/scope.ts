import type { SQL } from 'drizzle-orm';
import type { AccessScope } from '../records.ts';
import { projects } from '../schema/index.ts';
import { anyOf } from './columns.ts';

/** A device without a project is open to the whole organization only: null is in no list. */
export function openProjects(scope: AccessScope): SQL | undefined {
  return scope.projects === null ? undefined : anyOf(projects.projectId, scope.projects);
}

/** Numbers that the key column cannot hold are nobody's key; the database would call them an error. */
export function isPk(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 0x7fff_ffff;
}
