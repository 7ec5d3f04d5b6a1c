import { type AgriId, belongsTo, factorAgriId } from '@furrow/contracts';
import { eq, getTableColumns } from 'drizzle-orm';
import type { Database } from '../engine/engine.ts';
import { RegistryConflictError } from '../errors.ts';
import { type FactorState, factorRow, isSameFactor } from '../factors/factor-row.ts';
import { anyOf, factorArray } from '../lookups/columns.ts';
import { devices, factors } from '../schema/index.ts';
import type { StoredDevice } from './apply-devices.ts';
import type { FleetFactor } from './fleet-schema.ts';
import { noCounts, type SeedCounts } from './seed-report.ts';
import { insertRows, updateRows } from './write-rows.ts';

/** Devices whose factors are read and compared at a time. */
const DEVICES_AT_ONCE = 500;

type FactorRow = FactorState & { readonly pk: number };

/** A factor of the file that is new or changed, and its row when there is one. */
interface Change {
  readonly state: FactorState;
  readonly row: FactorRow | undefined;
  readonly deviceId: string;
}

/**
 * Creates and updates the factors; those that the file does not name stay. Labels that are taken are refused, all at once.
 */
export async function applyFactors(db: Database, stored: readonly StoredDevice[]): Promise<SeedCounts> {
  const counts = noCounts();
  const claims = new Map<AgriId, string>();
  for (let from = 0; from < stored.length; from += DEVICES_AT_ONCE) {
    const part = stored.slice(from, from + DEVICES_AT_ONCE);
    const changes = await changesOf(db, part, counts);
    await refuseTakenLabels(db, changes, claims);
    const created = changes.filter(({ row }) => row === undefined).map(({ state }) => state);
    const updated = changes.flatMap(({ state, row }) => (row ? [{ pk: row.pk, ...state }] : []));
    counts.created += created.length;
    counts.updated += updated.length;
    await updateRows(db, factors, updated);
    await insertRows(db, factors, created);
  }
  return counts;
}

async function changesOf(
  db: Database,
  stored: readonly StoredDevice[],
  counts: SeedCounts,
): Promise<Change[]> {
  const pks = stored.map(({ pk }) => pk);
  const byPosition = await factorsByPosition(db, pks);
  const changes: Change[] = [];
  const problems: string[] = [];
  for (const { device, pk, agriId } of stored) {
    for (const factor of device.factors) {
      const state = stateOf(factor, pk, agriId);
      const row = byPosition.get(`${pk} ${positionOf(state)}`);
      // A label that the file does not give stays as it is.
      const next = row && factor.agri_id === undefined ? { ...state, agriId: row.agriId } : state;
      const named = row && factor.name === undefined ? { ...next, name: row.name } : next;
      const problem = labelProblem(named, agriId, device.device_id);
      if (problem !== undefined) problems.push(problem);
      if (row && isSameFactor(named, row)) counts.unchanged++;
      else changes.push({ state: named, row, deviceId: device.device_id });
    }
  }
  if (problems.length > 0) throw new RegistryConflictError(problems);
  return changes;
}

async function factorsByPosition(
  db: Database,
  devicePks: readonly number[],
): Promise<Map<string, FactorRow>> {
  const { createTime: _, ...columns } = getTableColumns(factors);
  const rows = await db
    .select({ list: factorArray(columns) })
    .from(factors)
    .where(anyOf(factors.devicePk, devicePks))
    .groupBy(factors.devicePk);
  return new Map(rows.flatMap(({ list }) => list.map((row) => [`${row.devicePk} ${positionOf(row)}`, row])));
}

function stateOf(factor: FleetFactor, devicePk: number, device: AgriId): FactorState {
  const { agri_id, name, ...definition } = factor;
  const label = agri_id ?? factorAgriId(device, factor.unit, factor.address, factor.data_index);
  return factorRow(definition, { devicePk, agriId: label, name: name ?? '' });
}

function labelProblem(state: FactorState, device: AgriId, deviceId: string): string | undefined {
  if (belongsTo(state.agriId, device)) return undefined;
  return `${positionOf(state)} of device ${deviceId}: the agri_id ${state.agriId} does not begin with the device's, ${device}-`;
}

/**
 * A label says nothing about its numbers (address 1 index 11 and address 11 index 1 want the same one), so it belongs to
 * whoever has it first. `claims` are the labels given earlier in this transaction.
 */
async function refuseTakenLabels(
  db: Database,
  changes: readonly Change[],
  claims: Map<AgriId, string>,
): Promise<void> {
  const relabelled = changes.filter(({ state, row }) => row?.agriId !== state.agriId);
  const labels = relabelled.map(({ state }) => state.agriId);
  const holders = await db
    .select({ factor: factors, deviceId: devices.deviceId })
    .from(factors)
    .innerJoin(devices, eq(devices.pk, factors.devicePk))
    .where(anyOf(factors.agriId, labels));
  const taken = new Map(holders.map(({ factor, deviceId }) => [factor.agriId, describe(factor, deviceId)]));
  const problems: string[] = [];
  for (const { state, deviceId } of relabelled) {
    const me = describe(state, deviceId);
    const other = claims.get(state.agriId) ?? taken.get(state.agriId);
    if (other === undefined) claims.set(state.agriId, me);
    else
      problems.push(
        `${me} cannot have the agri_id ${state.agriId}: ${other} has it; give it an agri_id of its own`,
      );
  }
  if (problems.length > 0) throw new RegistryConflictError(problems);
}

function describe(state: FactorState, deviceId: string): string {
  return `${positionOf(state)} of device ${deviceId}`;
}

/** A factor's key within its device, as people read it. */
function positionOf({ unit, modbusType, address, dataIndex, extras }: FactorState): string {
  const bit: unknown = Reflect.get(extras, 'bit');
  const place = `unit ${unit} ${modbusType} address ${address} index ${dataIndex}`;
  return bit === undefined ? place : `${place} bit ${bit}`;
}
