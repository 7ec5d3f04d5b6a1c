import type { AgriId, Point } from '@furrow/contracts';
import { StoreAbortedError, StoreError, StoreUnavailableError } from '../errors.ts';
import { pointRefusal } from '../point-rules.ts';
import type { RejectedPoint, WriteReport } from '../point-store.ts';
import type { InfluxDatabase } from './database.ts';
import { type FactorSurvey, newestPerKey, surveyFactors } from './factor-survey.ts';
import { encodeName, LONGEST_NAME_BYTES } from './names.ts';
import { keysOf, type SendReport, sendPoints } from './send.ts';
import { type DescriptionChanges, describeFactors, type Series, SeriesCatalogue } from './series.ts';
import { readVersions } from './versions.ts';

/** A UTF-16 unit takes at most this many bytes when it is encoded. */
const MOST_BYTES_PER_UNIT = 6;

/**
 * Turns a call to `write` into requests. Influx knows no versions: the last write to a series and a time wins. So each point carries its
 * version as a field, and one that may be stored already is looked up before it is sent; points above the highest time that is known of
 * their factor need no look. That is exact as long as calls come one at a time and nobody else writes to the measurement.
 *
 * With several writers (`writers=several`) every point is looked up, and the promise ends where two of them look at the same key before
 * either has written: then the later request wins, whatever its version. Redelivery is safe all the same, for it carries the same value
 * and version. What Influx cannot do in one step, no client can do for it.
 */
export class PointWriter {
  readonly #database: InfluxDatabase;
  readonly #series: SeriesCatalogue;

  constructor(database: InfluxDatabase) {
    this.#database = database;
    this.#series = new SeriesCatalogue(database);
  }

  /** Stores points. One call at a time; the port's `write` says what it resolves and rejects with. */
  async write(points: readonly Point[], nowMs: number, signal?: AbortSignal): Promise<WriteReport> {
    const { accepted, rejected } = sortOut(points, nowMs);
    if (accepted.length === 0) return { stored: 0, alreadyStored: 0, rejected, keep: [] };
    try {
      const surveys = surveyFactors(points, accepted);
      const winners = newestPerKey(points, accepted, surveys);
      const known = await this.#series.load([...surveys.keys()], nowMs, signal);
      const newer = await this.#withoutStored(points, winners, surveys, known, signal);
      const described = describeFactors(this.#database, surveys, known, nowMs);
      if (signal?.aborted) throw new StoreAbortedError(signal);
      await this.#describe(described);
      const sent = await sendPoints(this.#database, points, newer, signal);
      raiseMarks(points, sent, known);
      return combine(sent, accepted.length - newer.length, rejected);
    } catch (error) {
      // What is missing at the server is no fault of the points; they wait until somebody has put it right.
      if (!(error instanceof StoreError) || error.retryable) throw error;
      return { stored: 0, alreadyStored: 0, rejected, keep: accepted, keepReason: error.message };
    }
  }

  /** The points whose key is not stored yet, or with a lower version. */
  async #withoutStored(
    points: readonly Point[],
    winners: readonly number[],
    surveys: ReadonlyMap<AgriId, FactorSurvey>,
    known: ReadonlyMap<AgriId, Series>,
    signal: AbortSignal | undefined,
  ): Promise<readonly number[]> {
    const certain = this.#database.config.writers === 'one';
    const isAbove = (agriId: AgriId, t: number) => t > (known.get(agriId)?.mark ?? Number.POSITIVE_INFINITY);
    if (certain && [...surveys].every(([agriId, { earliestT }]) => isAbove(agriId, earliestT)))
      return winners;
    const doubtful = winners.filter((index) => {
      const point = points[index];
      return point !== undefined && !(certain && isAbove(point.agriId, point.t));
    });
    if (doubtful.length === 0) return winners;
    const versions = await readVersions(this.#database, keysOf(points, doubtful), signal);
    return winners.filter((index) => {
      const point = points[index];
      if (point === undefined) return false;
      return point.version > (versions.get(point.agriId)?.get(point.t) ?? Number.NEGATIVE_INFINITY);
    });
  }

  /** Stores descriptions before the points that they describe, so that none is ever without. */
  async #describe({ lines, done }: DescriptionChanges): Promise<void> {
    const size = this.#database.config.batchLines;
    for (let start = 0; start < lines.length; start += size) {
      const answer = await this.#database.write(lines.slice(start, start + size), 0);
      if (answer.kind === 'written') continue;
      throw new StoreUnavailableError(`InfluxDB refused to describe a factor: ${answer.refusal.message}.`);
    }
    done();
  }
}

function sortOut(points: readonly Point[], nowMs: number): { accepted: number[]; rejected: RejectedPoint[] } {
  const accepted: number[] = [];
  const rejected: RejectedPoint[] = [];
  points.forEach((point, index) => {
    const message = pointRefusal(point, nowMs) ?? nameRefusal(point);
    if (message === undefined) accepted.push(index);
    else rejected.push({ index, message });
  });
  return { accepted, rejected };
}

function nameRefusal({ agriId, device, orgId, projectId, theType }: Point): string | undefined {
  if (
    !isTooLong(agriId) &&
    !isTooLong(device) &&
    !isTooLong(orgId) &&
    !isTooLong(projectId) &&
    !isTooLong(theType)
  ) {
    return undefined;
  }
  return `a name takes more than ${LONGEST_NAME_BYTES} bytes`;
}

function isTooLong(name: string): boolean {
  return (
    name.length * MOST_BYTES_PER_UNIT > LONGEST_NAME_BYTES &&
    Buffer.byteLength(encodeName(name)) > LONGEST_NAME_BYTES
  );
}

/** What was stored is known from now on; what may or may not have been stored is to be read again. */
function raiseMarks(points: readonly Point[], sent: SendReport, known: ReadonlyMap<AgriId, Series>): void {
  for (const index of sent.stored) {
    const point = points[index];
    const series = point && known.get(point.agriId);
    if (series !== undefined) series.mark = Math.max(series.mark, point?.t ?? series.mark);
  }
  for (const index of sent.keep) {
    const series = known.get(points[index]?.agriId ?? ('' as AgriId));
    if (series !== undefined) series.stale = true;
  }
}

function combine(sent: SendReport, alreadyStored: number, refused: readonly RejectedPoint[]): WriteReport {
  const rejected = [...refused, ...sent.rejected].sort((a, b) => a.index - b.index);
  const keep = sent.keep.sort((a, b) => a - b);
  return {
    stored: sent.stored.length,
    alreadyStored,
    rejected,
    keep,
    ...(keep.length > 0 && { keepReason: sent.keepReason ?? 'InfluxDB did not take them' }),
  };
}
