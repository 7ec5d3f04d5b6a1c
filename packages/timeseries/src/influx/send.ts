import type { Point } from '@furrow/contracts';
import { StoreError } from '../errors.ts';
import type { RejectedPoint } from '../point-store.ts';
import type { WriteAnswer } from './client.ts';
import type { InfluxDatabase } from './database.ts';
import { FACTOR_TAG } from './factor-rows.ts';
import { encodeDouble, encodeSeries } from './line-protocol.ts';
import { encodeName } from './names.ts';
import { readVersions } from './versions.ts';

/** What became of points that were sent; every one is in exactly one list. Indices into the call's points. */
export interface SendReport {
  readonly stored: number[];
  readonly rejected: RejectedPoint[];
  readonly keep: number[];
  keepReason: string | undefined;
}

/**
 * Refusals that say something about the server or the measurement rather than about the point: whoever runs it can change that, so the
 * points are kept. (A measurement whose field has another type, limits on series and tag values of 1.x.)
 */
const ABOUT_THE_STORE =
  /field type conflict|invalid column type|limit exceeded|max-|too many|too large|quota/i;
/** Requests that are spent on finding the lines for which a whole request is refused; then the rest is kept. */
const MOST_SEARCH_REQUESTS = 64;
/** 3.x does not say whether it names all the lines that it refuses; from so many on it may not. */
const LISTED_LINES_LIMIT = 100;

/**
 * Sends points, whose keys are distinct, in requests of bounded size, one after the other. What fails is in the report. When `signal`
 * fires, the request that is under way is finished, and the points of the others are kept.
 */
export async function sendPoints(
  database: InfluxDatabase,
  points: readonly Point[],
  indices: readonly number[],
  signal?: AbortSignal,
): Promise<SendReport> {
  const report: SendReport = { stored: [], rejected: [], keep: [], keepReason: undefined };
  const sender = new Sender(database, points, report);
  const size = database.config.batchLines;
  for (let start = 0; start < indices.length; start += size) {
    const batch = indices.slice(start, start + size);
    if (start > 0 && signal?.aborted)
      sender.keep(batch, 'the call was aborted before all requests were sent');
    else await sender.send(batch);
  }
  return report;
}

class Sender {
  readonly #database: InfluxDatabase;
  readonly #points: readonly Point[];
  readonly #report: SendReport;
  /** How the lines of each factor begin: a call has many points of the same ones. */
  readonly #heads = new Map<Point['agriId'], string>();
  /** The end of the line before: all points of a read have the same version and time. */
  #tail = { version: Number.NaN, t: Number.NaN, text: '' };
  #searchRequests = 0;

  constructor(database: InfluxDatabase, points: readonly Point[], report: SendReport) {
    this.#database = database;
    this.#points = points;
    this.#report = report;
  }

  async send(batch: readonly number[]): Promise<void> {
    // Once the server failed, the rest would only wait for the same failure.
    if (this.#report.keep.length > 0) return this.keep(batch, this.#report.keepReason ?? '');
    try {
      const lines = batch.map((index) => this.#line(index));
      await this.#sortOut(batch, await this.#database.write(lines, batch.length));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.keep(batch, error.message);
    }
  }

  async #sortOut(batch: readonly number[], answer: WriteAnswer): Promise<void> {
    if (answer.kind === 'written') {
      this.#report.stored.push(...batch);
      return;
    }
    const { message } = answer.refusal;
    const reason = `InfluxDB refused points: ${message}`;
    if (answer.kind === 'partial') return this.#sortOutPartial(batch, reason, answer.lines);
    if (batch.length === 1) return this.#refuse(batch, reason);
    if (answer.kind === 'refused') {
      if (ABOUT_THE_STORE.test(message) || this.#searchRequests >= MOST_SEARCH_REQUESTS) {
        return this.keep(batch, reason);
      }
      this.#searchRequests += 2;
    }
    const half = Math.ceil(batch.length / 2);
    await this.send(batch.slice(0, half));
    await this.send(batch.slice(half));
  }

  /** Which lines of a partial write were refused: those that the answer names, or else those that are not there afterwards. */
  async #sortOutPartial(
    batch: readonly number[],
    reason: string,
    lines: ReadonlyMap<number, string>,
  ): Promise<void> {
    const named = lines.size > 0 && lines.size < LISTED_LINES_LIMIT;
    const isThere = named
      ? (_: number, position: number) => !lines.has(position)
      : await this.#presence(batch);
    batch.forEach((index, position) => {
      const line = lines.get(position);
      if (isThere(index, position)) this.#report.stored.push(index);
      else this.#refuse([index], line === undefined ? reason : `InfluxDB refused the point: ${line}`);
    });
  }

  async #presence(batch: readonly number[]): Promise<(index: number) => boolean> {
    const points = this.#points;
    const versions = await readVersions(this.#database, keysOf(points, batch));
    return (index) => {
      const point = points[index];
      if (point === undefined) return false;
      return (versions.get(point.agriId)?.get(point.t) ?? Number.NEGATIVE_INFINITY) >= point.version;
    };
  }

  #refuse(batch: readonly number[], message: string): void {
    if (ABOUT_THE_STORE.test(message)) this.keep(batch, message);
    else this.#report.rejected.push(...batch.map((index) => ({ index, message })));
  }

  /** Hands points back unsent or of unknown outcome. The first reason stands for all. */
  keep(batch: readonly number[], reason: string): void {
    this.#report.keep.push(...batch);
    this.#report.keepReason ??= reason;
  }

  #line(index: number): string {
    const point = this.#points[index];
    if (point === undefined) throw new RangeError(`no point at ${index}`);
    return `${this.#head(point.agriId)} value=${encodeDouble(point.value)}${this.#tailOf(point)}`;
  }

  #tailOf({ version, t }: Point): string {
    if (version !== this.#tail.version || t !== this.#tail.t) {
      this.#tail = { version, t, text: `,version=${version}i ${t}` };
    }
    return this.#tail.text;
  }

  #head(agriId: Point['agriId']): string {
    const known = this.#heads.get(agriId);
    if (known !== undefined) return known;
    const head = encodeSeries(this.#database.config.measurement, [[FACTOR_TAG, encodeName(agriId)]]);
    this.#heads.set(agriId, head);
    return head;
  }
}

/** The times of the points at `indices`, by factor. */
export function keysOf<T extends Pick<Point, 'agriId' | 't'>>(
  points: readonly T[],
  indices: readonly number[],
): Map<T['agriId'], number[]> {
  const keys = new Map<T['agriId'], number[]>();
  for (const index of indices) {
    const point = points[index];
    if (point === undefined) continue;
    const times = keys.get(point.agriId);
    if (times === undefined) keys.set(point.agriId, [point.t]);
    else times.push(point.t);
  }
  return keys;
}
