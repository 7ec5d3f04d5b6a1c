import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { StoreSetupError, StoreUnavailableError } from '../errors.ts';
import type { StoreOptions } from '../point-store.ts';
import type { InfluxConfig } from './config.ts';
import { isObject, messageOf, oneLine, parseJson, type Refusal, refusalError } from './errors.ts';
import { type HttpAnswer, HttpSender } from './http.ts';
import { type InfluxServer, serverOf } from './server.ts';

const compress = promisify(gzip);
/** Line protocol is repetitive: level 1 leaves a tenth of it, higher ones cost several times as much for a few percent. */
const COMPRESSION_LEVEL = 1;

/** One series of an answer: its columns by name in each row, with `tags` of a GROUP BY (or as columns, as 3.0 gave them). */
export interface ResultSeries {
  readonly tags: Readonly<Record<string, unknown>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export type WriteAnswer =
  | { readonly kind: 'written' }
  /** The request is too long for the server; nothing was written. */
  | { readonly kind: 'too_large'; readonly refusal: Refusal }
  /** Some lines were refused and the others written. `lines` names those that the answer names, by position from 0. */
  | { readonly kind: 'partial'; readonly refusal: Refusal; readonly lines: ReadonlyMap<number, string> }
  /** The request was refused for what is in it; nothing was written. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** The answer to a query is not JSON: 1.x and 2.x break off when a number in it is infinite. */
export class UnreadableAnswerError extends StoreUnavailableError {}

/** The three endpoints that all generations have: `/ping`, `/write`, `/query`. */
export class InfluxClient {
  readonly #config: InfluxConfig;
  readonly #http: HttpSender;
  readonly #onEvent: NonNullable<StoreOptions['onEvent']>;

  constructor(config: InfluxConfig, onEvent: StoreOptions['onEvent']) {
    this.#config = config;
    this.#onEvent = onEvent ?? (() => undefined);
    this.#http = new HttpSender({
      origin: config.origin,
      credentials: config.credentials,
      timeoutMs: config.timeoutMs,
      attempts: config.attempts,
      onThrottled: () => this.#onEvent({ kind: 'throttled', concurrency: 1 }),
    });
  }

  /** What server this is. Rejects with `StoreSetupError` when it does not say that it is an InfluxDB, or wants other credentials. */
  async ping(signal?: AbortSignal): Promise<InfluxServer> {
    const answer = await this.#http.send({ method: 'GET', path: '/ping' }, signal);
    if (answer.status >= 400) throw this.#error('asking for its version', answer);
    const body = parseJson(answer.body);
    const version =
      answer.headers.get('x-influxdb-version') ?? (isObject(body) ? String(body['version']) : '');
    const server = serverOf(version, this.#config.retentionPolicy);
    if (server !== undefined) return server;
    throw new StoreSetupError([
      `the server at ${this.#config.origin} is no InfluxDB 1.x, 2.x or 3.x: its version is ${JSON.stringify(oneLine(version))}`,
    ]);
  }

  /** Runs one statement; every series of its result, times in milliseconds. Rejects with the typed error of what the server says. */
  async query(server: InfluxServer, statement: string, signal?: AbortSignal): Promise<ResultSeries[]> {
    const answer = await this.#http.send(
      {
        method: 'POST',
        path: '/query',
        parameters: { ...this.#place(server), epoch: 'ms' },
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ q: statement }).toString(),
      },
      signal,
    );
    if (answer.status >= 400) throw this.#error('answering a query', answer);
    const result = firstResult(answer.body);
    if (result === undefined) {
      throw new UnreadableAnswerError(`InfluxDB gave an answer that cannot be read: ${oneLine(answer.body)}`);
    }
    const failure = result['error'];
    if (failure !== undefined) {
      throw refusalError('answering a query', this.#config, {
        status: answer.status,
        message: oneLine(String(failure)),
      });
    }
    return seriesOf(result['series']);
  }

  /** Writes lines of line protocol with times in milliseconds. `points` is how many of them are points, for the metrics. */
  async write(server: InfluxServer, lines: readonly string[], points: number): Promise<WriteAnswer> {
    const text = Buffer.from(lines.join('\n'));
    const bodyBytes = text.length;
    const startedAt = performance.now();
    const answer = await this.#http.send({
      method: 'POST',
      path: '/write',
      parameters: { ...this.#place(server), precision: 'ms', ...server.writeParameters },
      headers: { 'content-type': 'text/plain; charset=utf-8', 'content-encoding': 'gzip' },
      body: new Uint8Array(await compress(text, { level: COMPRESSION_LEVEL })),
    });
    this.#onEvent({ kind: 'write', points, bodyBytes, durationMs: performance.now() - startedAt });
    return this.#writeAnswer(answer);
  }

  #writeAnswer(answer: HttpAnswer): WriteAnswer {
    if (answer.status < 300) return { kind: 'written' };
    const error = this.#error('writing points', answer);
    if (error instanceof StoreSetupError) throw error;
    const refusal = { status: answer.status, message: messageOf(answer.body) };
    if (answer.status === 413) return { kind: 'too_large', refusal };
    if (answer.status !== 400 && answer.status !== 422) throw error;
    const lines = refusedLines(answer.body);
    // 1.x and 3.x say so with 400, 2.x with 422.
    if (/partial write/i.test(refusal.message)) return { kind: 'partial', refusal, lines };
    return { kind: 'refused', refusal };
  }

  #place(server: InfluxServer): Record<string, string> {
    return {
      db: this.#config.database,
      ...(server.retentionPolicy !== undefined && { rp: server.retentionPolicy }),
    };
  }

  #error(doing: string, answer: HttpAnswer) {
    return refusalError(doing, this.#config, { status: answer.status, message: messageOf(answer.body) });
  }
}

function firstResult(body: string): Readonly<Record<string, unknown>> | undefined {
  const json = parseJson(body);
  const results = isObject(json) ? json['results'] : undefined;
  const [first = undefined] = Array.isArray(results) ? results : [];
  return isObject(first) ? first : undefined;
}

function seriesOf(series: unknown): ResultSeries[] {
  if (!Array.isArray(series)) return [];
  return series.filter(isObject).map(({ tags, columns, values }) => {
    const names = Array.isArray(columns) ? columns.map(String) : [];
    const rows = Array.isArray(values) ? values.filter((row) => Array.isArray(row)) : [];
    return {
      tags: isObject(tags) ? tags : {},
      rows: rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]]))),
    };
  });
}

/** The lines that 3.x refuses, by position from 0, with its reason: `{"data":[{"line_number":2,"error_message":"…"}]}`. */
function refusedLines(body: string): Map<number, string> {
  const json = parseJson(body);
  const data = isObject(json) ? json['data'] : undefined;
  const lines = new Map<number, string>();
  for (const entry of Array.isArray(data) ? data.filter(isObject) : []) {
    const { line_number: number, error_message: message } = entry;
    if (typeof number === 'number' && Number.isInteger(number))
      lines.set(number - 1, oneLine(String(message)));
  }
  return lines;
}
