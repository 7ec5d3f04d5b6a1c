import { type DuckDBConnection, INTEGER, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import type { AgriId, Point } from '@furrow/contracts';
import { GenerationalCache } from '../generational-cache.ts';
import { appendRows, integers, longs, texts } from './chunks.ts';

/** What a factor was last written with. */
interface Description {
  readonly device: string;
  readonly orgId: string;
  readonly projectId: string;
  readonly theType: string;
}

/** A factor's row in the table `series`: a small number stands for its agri_id in the partitions. */
export interface Series extends Description {
  readonly id: number;
  readonly agriId: string;
  /** The highest version known to carry this description. */
  describedAt: number;
}

/** Factors kept in memory; beyond it the least used are read again when they write. About 30 MB when full. */
const CACHED_SERIES = 100_000;

const COLUMNS = 'id, agri_id, device, org_id, project_id, the_type, described_at';

/**
 * The writer's view of the table `series`. Changes go into the running transaction; `commit` makes them known to later calls
 * after it succeeded, `rollback` forgets them.
 */
export class SeriesCatalogue {
  readonly #cache = new GenerationalCache<string, Series>(CACHED_SERIES);
  #pending: readonly Series[] = [];
  #nextId: number;

  private constructor(nextId: number) {
    this.#nextId = nextId;
  }

  static async open(connection: DuckDBConnection): Promise<SeriesCatalogue> {
    const reader = await connection.runAndReadAll('SELECT coalesce(max(id), 0) FROM series');
    return new SeriesCatalogue(Number(reader.getRows()[0]?.[0] ?? 0) + 1);
  }

  /**
   * The series ids of the points at `indices`, in their order. Unknown factors get a row, and a factor whose description differs
   * from the one in a newer point gets the newer one.
   */
  async resolve(
    connection: DuckDBConnection,
    points: readonly Point[],
    indices: readonly number[],
  ): Promise<Int32Array> {
    const { cached, loaded } = await this.#look(connection, points, indices);
    const changed = new Map<string, Series>();
    const obsolete: Series[] = [];
    const ids = new Int32Array(indices.length);
    indices.forEach((index, row) => {
      const point = points[index];
      if (point === undefined) return;
      const { agriId } = point;
      const before = changed.get(agriId) ?? cached[row] ?? loaded.get(agriId);
      const series = before === undefined ? this.#create(point) : describe(before, point);
      if (series !== before) {
        if (before !== undefined && !changed.has(agriId)) obsolete.push(before);
        changed.set(agriId, series);
      }
      ids[row] = series.id;
    });
    await deleteSeries(connection, obsolete);
    await insertSeries(connection, [...changed.values()]);
    this.#pending = [...loaded.values(), ...changed.values()];
    return ids;
  }

  commit(): void {
    for (const series of this.#pending) this.#cache.set(series.agriId, series);
    this.#pending = [];
  }

  rollback(): void {
    this.#pending = [];
  }

  /** Forgets everything, after rows were deleted. */
  clear(): void {
    this.#cache.clear();
  }

  #create(point: Point): Series {
    const { agriId, device, orgId, projectId, theType, version } = point;
    const id = this.#nextId;
    this.#nextId += 1;
    return { id, agriId, device, orgId, projectId, theType, describedAt: version };
  }

  /** The factors that exist: from memory by row, the others by agri_id. */
  async #look(
    connection: DuckDBConnection,
    points: readonly Point[],
    indices: readonly number[],
  ): Promise<{ cached: (Series | undefined)[]; loaded: Map<string, Series> }> {
    const missing = new Set<string>();
    const cached = indices.map((index) => {
      const agriId = points[index]?.agriId ?? '';
      const series = this.#cache.get(agriId);
      if (series === undefined) missing.add(agriId);
      return series;
    });
    const loaded = missing.size === 0 ? [] : await loadSeries(connection, [...missing]);
    return { cached, loaded: new Map(loaded.map((series) => [series.agriId, series])) };
  }
}

async function loadSeries(connection: DuckDBConnection, agriIds: readonly string[]): Promise<Series[]> {
  const reader = await connection.runAndReadAll(
    `SELECT ${COLUMNS} FROM series WHERE agri_id IN (SELECT unnest($1))`,
    [listValue(agriIds)],
    [LIST(VARCHAR)],
  );
  return reader.getRows().map(toSeries);
}

/** The id of one factor in the connection's snapshot; undefined when it has never been written. */
export async function findSeries(connection: DuckDBConnection, agriId: AgriId): Promise<number | undefined> {
  const reader = await connection.runAndReadAll('SELECT id FROM series WHERE agri_id = $1', [agriId]);
  const id = reader.getRows()[0]?.[0];
  return id === undefined ? undefined : Number(id);
}

/** The factors that belong to a device by the prefix rule of the contracts, ordered by agri_id. */
export async function findSeriesOf(connection: DuckDBConnection, device: AgriId): Promise<Series[]> {
  const reader = await connection.runAndReadAll(
    `SELECT ${COLUMNS} FROM series WHERE agri_id = $1 OR starts_with(agri_id, $1 || '-') ORDER BY agri_id`,
    [device],
  );
  return reader.getRows().map(toSeries);
}

function toSeries(row: readonly unknown[]): Series {
  const [id, agriId, device, orgId, projectId, theType, describedAt] = row;
  return {
    id: Number(id),
    agriId: String(agriId),
    device: String(device),
    orgId: String(orgId),
    projectId: String(projectId),
    theType: String(theType),
    describedAt: Number(describedAt),
  };
}

/** The series after this point: the same object unless the point is newer and describes the factor differently. */
function describe(series: Series, point: Point): Series {
  if (point.version <= series.describedAt) return series;
  if (sameDescription(series, point)) {
    // Kept in memory only, so that an older point cannot undo a description that was confirmed since; a restart forgets it.
    series.describedAt = point.version;
    return series;
  }
  const { device, orgId, projectId, theType, version } = point;
  return { ...series, device, orgId, projectId, theType, describedAt: version };
}

function sameDescription(a: Description, b: Description): boolean {
  return (
    a.theType === b.theType && a.device === b.device && a.projectId === b.projectId && a.orgId === b.orgId
  );
}

async function insertSeries(connection: DuckDBConnection, rows: readonly Series[]): Promise<void> {
  if (rows.length === 0) return;
  const at = (row: number): Series => {
    const series = rows[row];
    if (series === undefined) throw new RangeError(`no series at ${row}`);
    return series;
  };
  await appendRows(connection, 'series', rows.length, [
    integers((row) => at(row).id),
    texts((row) => at(row).agriId),
    texts((row) => at(row).device),
    texts((row) => at(row).orgId),
    texts((row) => at(row).projectId),
    texts((row) => at(row).theType),
    longs((row) => at(row).describedAt),
  ]);
}

async function deleteSeries(connection: DuckDBConnection, rows: readonly Series[]): Promise<void> {
  if (rows.length === 0) return;
  const ids = listValue(rows.map((series) => series.id));
  await connection.run('DELETE FROM series WHERE id IN (SELECT unnest($1))', [ids], [LIST(INTEGER)]);
}
