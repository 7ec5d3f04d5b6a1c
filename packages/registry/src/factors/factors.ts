import { type AgriId, belongsTo, type FactorDefinition, factorAgriId } from '@furrow/contracts';
import { and, asc, eq } from 'drizzle-orm';
import { lockDevice } from '../devices/lock-device.ts';
import { inRegistry } from '../engine/database-error.ts';
import type { Database } from '../engine/engine.ts';
import { insertRows } from '../fleet/write-rows.ts';
import { anyOf, factorColumns, factorOf } from '../lookups/columns.ts';
import { isPk } from '../lookups/scope.ts';
import type { AccessScope, RegisteredDevice, RegisteredFactor } from '../records.ts';
import { factors } from '../schema/index.ts';
import { nextCopy } from './copy-factor.ts';
import { type FactorState, factorRow } from './factor-row.ts';
import { type FactorProblem, type Placed, placeFactors } from './place-factors.ts';

/** A factor as somebody wants it. */
export interface WantedFactor {
  readonly definition: FactorDefinition;
  readonly name: string;
  /** Its label, where it is to have another than the one that the platform gives; it belongs to the device by the prefix rule. */
  readonly agriId?: AgriId | undefined;
}

export interface FactorKey {
  readonly devicePk: number;
  readonly factorPk: number;
}

/** What became of a change: `missing` is also what lies outside the scope. */
export type FactorOutcome =
  | { readonly kind: 'done'; readonly factor: RegisteredFactor; readonly device: RegisteredDevice }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly problem: FactorProblem };

/** What became of one row of an import; `unchanged` was there already, the same in everything but its label. */
export type ImportedRow =
  | { readonly kind: 'created'; readonly factor: RegisteredFactor }
  | { readonly kind: 'unchanged'; readonly factorPk: number };

/** All rows are written, or, when one of them is refused, none. The rows are in the order of those that were wanted. */
export type ImportOutcome =
  | {
      readonly kind: 'imported';
      readonly rows: readonly ImportedRow[];
      readonly deleted: number;
      readonly device: RegisteredDevice;
    }
  | {
      readonly kind: 'refused';
      readonly problems: readonly { readonly index: number; readonly problem: FactorProblem }[];
    }
  | { readonly kind: 'missing' };

/** The factors of devices. What lies outside the scope is treated exactly like what does not exist. */
export class Factors {
  readonly #db: Database;
  readonly #changed: (device: AgriId) => void;

  /** `changed` is told which device's factors were just changed. */
  constructor(db: Database, changed: (device: AgriId) => void = () => {}) {
    this.#db = db;
    this.#changed = changed;
  }

  /** The factors of a device that the caller has found in its scope, by their keys. */
  async list(devicePk: number): Promise<readonly RegisteredFactor[]> {
    return await inRegistry(() => readFactors(this.#db, devicePk));
  }

  async create(scope: AccessScope, devicePk: number, wanted: WantedFactor): Promise<FactorOutcome> {
    return await this.#onDevice<never>(scope, devicePk, async (tx, device) => {
      const [placed] = await placeFactors(tx, device.pk, [stateOf(device, wanted)]);
      // A factor that is there already is no new one, however alike.
      if (placed?.kind === 'same') {
        return { kind: 'refused', problem: { kind: 'position_taken', factorPk: placed.factorPk } };
      }
      return await this.#insert(tx, device, placed);
    });
  }

  /**
   * Puts what `change` makes of a factor in its place; undefined leaves it, and the outcome is `declined`. One that moves gets the
   * label of its new position, unless it had one of its own.
   */
  async update(
    scope: AccessScope,
    key: FactorKey,
    change: (before: RegisteredFactor) => Omit<WantedFactor, 'agriId'> | undefined,
  ): Promise<FactorOutcome | { readonly kind: 'declined' }> {
    return await this.#onDevice<'declined'>(scope, key.devicePk, async (tx, device) => {
      const before = await readFactor(tx, key);
      if (before === undefined) return { kind: 'missing' };
      const wanted = change(before);
      if (wanted === undefined) return { kind: 'declined' };
      const state = stateOf(device, { ...wanted, agriId: ownLabel(device, before) });
      const [placed] = await placeFactors(tx, device.pk, [state], new Set([before.pk]));
      if (placed?.kind === 'refused') return placed;
      await tx.update(factors).set(state).where(eq(factors.pk, before.pk));
      return await done(tx, device, key);
    });
  }

  /** The device that had the factor; undefined when there is no such factor. Its readings stay until their time is over. */
  async remove(scope: AccessScope, key: FactorKey): Promise<RegisteredDevice | undefined> {
    const device = await inRegistry(() =>
      this.#db.transaction(async (tx) => {
        const locked = await lockDevice(tx, scope, key);
        if (locked === undefined || (await readFactor(tx, key)) === undefined) return undefined;
        await tx.delete(factors).where(eq(factors.pk, key.factorPk));
        return locked;
      }),
    );
    if (device) this.#changed(device.agriId);
    return device;
  }

  /** A copy at the next free `data_index`; `no_room` when none is left inside one read. */
  async copy(scope: AccessScope, key: FactorKey): Promise<FactorOutcome | { readonly kind: 'no_room' }> {
    return await this.#onDevice<'no_room'>(scope, key.devicePk, async (tx, device) => {
      const original = await readFactor(tx, key);
      if (original === undefined) return { kind: 'missing' };
      for (const wanted of nextCopy(original)) {
        const [placed] = await placeFactors(tx, device.pk, [stateOf(device, wanted)]);
        if (placed?.kind === 'refused' && placed.problem.kind === 'too_many') return placed;
        if (placed?.kind === 'free') return await this.#insert(tx, device, placed);
      }
      return { kind: 'no_room' };
    });
  }

  /** Adds many factors, all of them or none; with `clearExisting` in the place of those that the device has. */
  async import(
    scope: AccessScope,
    devicePk: number,
    wanted: readonly WantedFactor[],
    { clearExisting }: { readonly clearExisting: boolean },
  ): Promise<ImportOutcome> {
    const outcome = await inRegistry(() =>
      this.#db.transaction(async (tx): Promise<ImportOutcome> => {
        const device = await lockDevice(tx, scope, { devicePk });
        if (device === undefined) return { kind: 'missing' };
        const existing = clearExisting ? await readFactors(tx, device.pk) : [];
        const replaced = new Set(existing.map(({ pk }) => pk));
        const states = wanted.map((factor) => stateOf(device, factor));
        const placed = await placeFactors(tx, device.pk, states, replaced);
        const problems = placed.flatMap((row, index) =>
          row.kind === 'refused' ? [{ index, problem: row.problem }] : [],
        );
        if (problems.length > 0) return { kind: 'refused', problems };
        if (replaced.size > 0) await tx.delete(factors).where(anyOf(factors.pk, [...replaced]));
        const free = placed.flatMap((row) => (row.kind === 'free' ? [row.state] : []));
        await insertRows(tx, factors, free);
        const byLabel = new Map((await readFactors(tx, device.pk)).map((factor) => [factor.agri_id, factor]));
        const rows = placed.flatMap((row): ImportedRow[] => {
          if (row.kind === 'same') return [{ kind: 'unchanged', factorPk: row.factorPk }];
          const factor = row.kind === 'free' ? byLabel.get(row.state.agriId) : undefined;
          return factor ? [{ kind: 'created', factor }] : [];
        });
        return { kind: 'imported', rows, deleted: replaced.size, device };
      }),
    );
    if (outcome.kind === 'imported') this.#changed(outcome.device.agriId);
    return outcome;
  }

  /** Runs a change of one device's factors in a transaction that has the device locked. */
  async #onDevice<Kind extends string = never>(
    scope: AccessScope,
    devicePk: number,
    change: (tx: Database, device: RegisteredDevice) => Promise<FactorOutcome | { readonly kind: Kind }>,
  ): Promise<FactorOutcome | { readonly kind: Kind }> {
    const outcome = await inRegistry(() =>
      this.#db.transaction(async (tx): Promise<FactorOutcome | { readonly kind: Kind }> => {
        const device = await lockDevice(tx, scope, { devicePk });
        return device === undefined ? { kind: 'missing' } : await change(tx, device);
      }),
    );
    if ('device' in outcome) this.#changed(outcome.device.agriId);
    return outcome;
  }

  async #insert(tx: Database, device: RegisteredDevice, placed: Placed | undefined): Promise<FactorOutcome> {
    if (placed?.kind === 'refused') return placed;
    if (placed?.kind !== 'free') return { kind: 'missing' };
    const [row] = await tx.insert(factors).values(placed.state).returning({ pk: factors.pk });
    return await done(tx, device, { devicePk: device.pk, factorPk: row?.pk ?? 0 });
  }
}

function stateOf(device: RegisteredDevice, { definition, name, agriId }: WantedFactor): FactorState {
  const { unit, address, data_index } = definition;
  const given = agriId !== undefined && belongsTo(agriId, device.agriId) ? agriId : undefined;
  const label = given ?? factorAgriId(device.agriId, unit, address, data_index);
  return factorRow(definition, { devicePk: device.pk, agriId: label, name });
}

/** The label of a factor that is not the one which the platform gives its position. */
function ownLabel(device: RegisteredDevice, factor: RegisteredFactor): AgriId | undefined {
  const { unit, address, data_index, agri_id } = factor;
  return agri_id === factorAgriId(device.agriId, unit, address, data_index) ? undefined : agri_id;
}

async function done(tx: Database, device: RegisteredDevice, key: FactorKey): Promise<FactorOutcome> {
  const factor = await readFactor(tx, key);
  return factor === undefined ? { kind: 'missing' } : { kind: 'done', factor, device };
}

async function readFactors(db: Database, devicePk: number): Promise<RegisteredFactor[]> {
  const rows = await db
    .select(factorColumns)
    .from(factors)
    .where(eq(factors.devicePk, devicePk))
    .orderBy(asc(factors.pk));
  return rows.map(factorOf);
}

async function readFactor(db: Database, key: FactorKey): Promise<RegisteredFactor | undefined> {
  if (!isPk(key.factorPk)) return undefined;
  const [row] = await db
    .select(factorColumns)
    .from(factors)
    .where(and(eq(factors.pk, key.factorPk), eq(factors.devicePk, key.devicePk)));
  return row && factorOf(row);
}
