import { type AgriId, type Point, RETENTION_MS } from '@furrow/contracts';
import { GenerationalCache } from '../generational-cache.ts';
import { retentionFloor } from '../point-rules.ts';
import { factorMeasurement, type InfluxDatabase } from './database.ts';
import { FACTOR_TAG, isFactor, perQuery, rowsByFactor } from './factor-rows.ts';
import type { FactorSurvey } from './factor-survey.ts';
import { timeRange } from './influxql.ts';
import { encodeLine, integer, text } from './line-protocol.ts';
import { decodeName, encodeName } from './names.ts';

/** What a factor was last written with. */
export interface Description {
  readonly device: AgriId;
  readonly orgId: string;
  readonly projectId: string;
  readonly theType: string;
}

/** What the writer knows of one factor. */
export interface Series {
  /** The highest `t` that is stored; a point above it is certainly new. May be too high, never too low. */
  mark: number;
  description: Description | undefined;
  /** The highest version known to carry the description. */
  describedAt: number;
  /** Until when the description that stands in the store is as good as new, in milliseconds. */
  describedUntil: number;
  /** A write failed whose outcome is unknown: to be read again before it is used. */
  stale: boolean;
}

const DAY_MS = 86_400_000;
/** Later than any time that a store accepts. */
export const END_OF_TIME = Number.MAX_SAFE_INTEGER;
/** Factors kept in memory; beyond it the least used are read again when they write. About 30 MB when full. */
const CACHED_SERIES = 100_000;
/**
 * Descriptions are points too and expire. Each lies this far after the newest time and version of its write, and is written again when
 * those are a day on, so that it outlives every point of its factor.
 */
const DESCRIPTION_LEAD_MS = 2 * DAY_MS;
const DESCRIBE_AGAIN_MS = DAY_MS;
/** In the year 2262: what Influx's nanoseconds can hold. */
const LAST_DESCRIPTION_MS = 9_223_372_036_000;

const DESCRIPTION_COLUMNS =
  'max("described_at") AS "described_at", "device", "org_id", "project_id", "the_type"';

/** The writer's view of the factors, bounded; those that are not in memory are read when they write. */
export class SeriesCatalogue {
  readonly #database: InfluxDatabase;
  readonly #cache = new GenerationalCache<string, Series>(CACHED_SERIES);

  constructor(database: InfluxDatabase) {
    this.#database = database;
  }

  /** What is known of these factors, each named once, for a write at `nowMs`. */
  async load(agriIds: readonly AgriId[], nowMs: number, signal?: AbortSignal): Promise<Map<AgriId, Series>> {
    const known = new Map<AgriId, Series>();
    const missing: AgriId[] = [];
    for (const agriId of agriIds) {
      const series = this.#cache.get(agriId);
      if (series === undefined || series.stale) missing.push(agriId);
      else known.set(agriId, series);
    }
    for (const part of perQuery(missing)) {
      const marks = await readMarks(this.#database, part, nowMs, signal);
      const descriptions = await readDescriptions(
        this.#database,
        isFactor(part),
        retentionFloor(nowMs),
        signal,
      );
      for (const agriId of part) {
        const found = descriptions.get(agriId);
        const series: Series = {
          mark: marks.get(agriId) ?? Number.NEGATIVE_INFINITY,
          description: found?.description,
          describedAt: found?.describedAt ?? Number.NEGATIVE_INFINITY,
          describedUntil: untilOf(found?.t ?? Number.NEGATIVE_INFINITY),
          stale: false,
        };
        known.set(agriId, series);
        this.#cache.set(agriId, series);
      }
    }
    return known;
  }
}

/** The newest `t` of each factor; looks into the last day first, where a live fleet's are. */
async function readMarks(
  database: InfluxDatabase,
  agriIds: readonly AgriId[],
  nowMs: number,
  signal?: AbortSignal,
): Promise<Map<AgriId, number>> {
  const marks = new Map<AgriId, number>();
  const ranges = [
    [nowMs - DAY_MS, END_OF_TIME],
    [retentionFloor(nowMs), nowMs - DAY_MS - 1],
  ] as const;
  for (const [from, to] of ranges) {
    const missing = agriIds.filter((agriId) => !marks.has(agriId));
    if (missing.length === 0) break;
    const series = await database.select(
      `SELECT last("version") FROM ${database.points} WHERE ${isFactor(missing)} AND ${timeRange(from, to)} GROUP BY "${FACTOR_TAG}"`,
      signal,
    );
    for (const [agriId, [row]] of rowsByFactor(series)) marks.set(agriId, Number(row?.['time']));
  }
  return marks;
}

/** A factor's description as it stands in the store, with the version that carried it and the time at which it lies. */
export interface StoredDescription {
  readonly description: Description;
  readonly describedAt: number;
  readonly t: number;
}

/** Of the factors that meet a condition, each one's description of the highest version. */
export async function readDescriptions(
  database: InfluxDatabase,
  condition: string,
  floor: number,
  signal?: AbortSignal,
): Promise<Map<AgriId, StoredDescription>> {
  const range = timeRange(floor, END_OF_TIME);
  const series = await database.select(
    `SELECT ${DESCRIPTION_COLUMNS} FROM ${database.factors} WHERE ${condition} AND ${range} GROUP BY "${FACTOR_TAG}"`,
    signal,
  );
  const name = (value: unknown) => decodeName(String(value ?? ''));
  return new Map(
    [...rowsByFactor(series)].map(([agriId, [row = {}]]) => {
      const description = {
        // Only what came in as an AgriId is ever stored.
        device: name(row['device']) as AgriId,
        orgId: name(row['org_id']),
        projectId: name(row['project_id']),
        theType: name(row['the_type']),
      };
      return [agriId, { description, describedAt: Number(row['described_at']), t: Number(row['time']) }];
    }),
  );
}

/** Changes of descriptions that a write brings; `lines` are to be stored before its points, `done` is called when they are. */
export interface DescriptionChanges {
  readonly lines: readonly string[];
  readonly done: () => void;
}

/**
 * Which factors the surveyed points describe anew, by the highest version, among equals by the first; and which are to be described as before,
 * lest the description expire before them.
 */
export function describeFactors(
  database: InfluxDatabase,
  surveys: ReadonlyMap<AgriId, FactorSurvey>,
  known: ReadonlyMap<AgriId, Series>,
  nowMs: number,
): DescriptionChanges {
  const lines: string[] = [];
  const changes: (() => void)[] = [];
  for (const [agriId, { newest, latestT }] of surveys) {
    const series = known.get(agriId);
    if (series === undefined) continue;
    const stored = newest.version > series.describedAt ? undefined : series.description;
    const description = stored ?? descriptionOf(newest);
    const version = stored === undefined ? newest.version : series.describedAt;
    const reach = Math.max(version, latestT, nowMs - RETENTION_MS);
    const isStored = series.description !== undefined && sameDescription(series.description, description);
    const write = !isStored || reach >= series.describedUntil;
    const t = Math.min(reach + DESCRIPTION_LEAD_MS, LAST_DESCRIPTION_MS);
    if (write) lines.push(descriptionLine(database, agriId, description, version, t));
    changes.push(() => {
      series.description = description;
      series.describedAt = version;
      if (write) series.describedUntil = untilOf(t);
    });
  }
  return {
    lines,
    done: () => {
      for (const change of changes) change();
    },
  };
}

function untilOf(t: number): number {
  return t - DESCRIPTION_LEAD_MS + DESCRIBE_AGAIN_MS;
}

/** Its own object, so that a factor in memory does not hold on to a point. */
function descriptionOf({ device, orgId, projectId, theType }: Point): Description {
  return { device, orgId, projectId, theType };
}

function sameDescription(a: Description, b: Description): boolean {
  return (
    a.theType === b.theType && a.device === b.device && a.projectId === b.projectId && a.orgId === b.orgId
  );
}

function descriptionLine(
  database: InfluxDatabase,
  agriId: AgriId,
  { device, orgId, projectId, theType }: Description,
  version: number,
  t: number,
): string {
  return encodeLine(
    factorMeasurement(database.config),
    [[FACTOR_TAG, encodeName(agriId)]],
    [
      ['described_at', integer(version)],
      ['device', text(encodeName(device))],
      ['org_id', text(encodeName(orgId))],
      ['project_id', text(encodeName(projectId))],
      ['the_type', text(encodeName(theType))],
    ],
    t,
  );
}
