import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { answerQuery } from './fake-query.ts';
import { type ParsedLine, parseLine } from './parse-line.ts';

export interface FakeOptions {
  readonly generation: 1 | 2 | 3;
  /** The one accepted token. */
  readonly token: string;
  /** On 2.x a database with a default DBRP mapping, on 3.x a database; undefined is a server without any. */
  readonly database: string | undefined;
  /** Why a line is refused, if it is. */
  readonly refuses?: (line: ParsedLine) => string | undefined;
  /** Times before this are not kept: 2.x refuses them, 3.x takes them and does not show them. */
  readonly keepsFrom?: number;
  /** On 3.x: group tags stand as columns, as in its first releases. */
  readonly tagsAsColumns?: boolean;
  /** Answers to give instead of the first ones. */
  readonly failures?: readonly FakeFailure[];
}

/** An answer to give instead; `afterwards`: after doing what was asked, as when an answer gets lost on its way. */
export interface FakeFailure {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly afterwards?: true;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/**
 * A protocol fake of InfluxDB 2.x and 3.x, on loopback, and of 1.x as far as that differs in words only. Neither of the newer two was at
 * hand, so this is what their documents and sources say, no more:
 *
 * - Version: 2.x answers `/ping` with 204 and `X-Influxdb-Version` without asking who wants to know; 3.x wants a token and repeats the
 *   version in a JSON body. docs.influxdata.com/influxdb/v2/api/ping, …/influxdb3/core/api/server-information.
 * - Credentials: `Token`, or `Basic` whose password is the token (3.x; 2.x has 1.x-compatible users instead).
 *   docs.influxdata.com/influxdb3/core/api/authentication, …/influxdb/v2/reference/api/influxdb-1x.
 * - 2.x without a DBRP mapping: `/write` answers 404 "no dbrp mapping found", a SELECT has "database not found" in its result, SHOW
 *   RETENTION POLICIES is empty and otherwise shows the placeholder "0s". influxdata/influxdb (2.x) http/legacy/write_handler.go,
 *   v1/coordinator/statement_executor.go.
 * - 2.x partial write: 422 `{"code":"unprocessable entity","message":"failure writing points to database: partial write: … dropped=N"}`,
 *   the rest is written; a line that cannot be parsed: 400, nothing is. The same write_handler.go; …/influxdb/v2/write-data/troubleshoot.
 * - 3.x partial write: with `accept_partial` 400 `{"error":"partial write of line protocol occurred","data":[{original_line, line_number,
 *   error_message}]}`, without it 400 "parsing failed for write_lp endpoint" and nothing is written. …/influxdb3/core/write-data/http-api/v3-write-lp.
 * - 3.x retention hides points from queries, and SHOW RETENTION POLICIES is a placeholder. …/influxdb3/core/reference/internals/data-retention,
 *   …/influxdb3/core/reference/influxql/show. Its first releases gave group tags as columns: influxdata/influxdb issue 25751.
 *
 * Queries are answered by `answerQuery`, which knows the statements of this engine.
 */
export class FakeInflux {
  readonly requests: FakeRequest[] = [];
  /** What is stored, by series and time. */
  readonly lines = new Map<string, ParsedLine>();
  readonly #options: FakeOptions;
  readonly #failures: (FakeFailure | undefined)[];
  readonly #writeHooks: { left: number; run: () => void }[] = [];
  #port = 0;

  private constructor(options: FakeOptions) {
    this.#options = options;
    this.#failures = [...(options.failures ?? [])];
  }

  /** Listens until the running test is over. */
  static async start(options: FakeOptions): Promise<FakeInflux> {
    const fake = new FakeInflux(options);
    const server = createServer((request, response) => {
      fake.#serve(request, response).catch((error: unknown) => {
        response.writeHead(599).end(String(error));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    fake.#port = (server.address() as AddressInfo).port;
    onTestFinished(async () => {
      server.closeAllConnections();
      server.close();
    });
    return fake;
  }

  /** The URL of a store on it, without credentials. */
  url(database = 'furrow', parameters = ''): string {
    return `influx+http://127.0.0.1:${this.#port}/${database}?${parameters}`;
  }

  /** Answers the next requests so; undefined leaves one to the server itself. */
  failNext(...failures: (FakeFailure | undefined)[]): void {
    this.#failures.push(...failures);
  }

  /** Runs `run` when so many more write requests were received. */
  onWrite(count: number, run: () => void): void {
    this.#writeHooks.push({ left: count, run });
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await received(incoming);
    this.requests.push(request);
    if (request.path === '/write') {
      for (const hook of this.#writeHooks) {
        hook.left -= 1;
        if (hook.left === 0) hook.run();
      }
    }
    const failure = this.#failures.shift();
    if (failure !== undefined) {
      if (failure.afterwards) this.#answer(request);
      response.writeHead(failure.status, failure.headers).end(failure.body);
      return;
    }
    const { status, headers = {}, json } = this.#answer(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(json === undefined ? undefined : JSON.stringify(json, withMinusZero));
  }

  #answer(request: FakeRequest): Answer {
    const { generation } = this.#options;
    if (request.path === '/ping' && generation !== 3) {
      const version = generation === 1 ? '1.8.10' : 'v2.7.11';
      return { status: 204, headers: { 'x-influxdb-version': version, 'x-influxdb-build': 'OSS' } };
    }
    if (!this.#isKnown(request.headers.authorization)) {
      return generation === 2
        ? { status: 401, json: { code: 'unauthorized', message: 'unauthorized access' } }
        : { status: 401, json: { error: 'the request was not authenticated', data: null } };
    }
    if (request.path === '/ping') return { status: 200, json: { version: '3.2.1', revision: 'f0e1d2c' } };
    if (request.path === '/write') return this.#write(request);
    return this.#query(request);
  }

  #isKnown(authorization: string | undefined): boolean {
    const { token } = this.#options;
    const [scheme, value = ''] = (authorization ?? '').split(' ');
    if (scheme === 'Basic') return Buffer.from(value, 'base64').toString().endsWith(`:${token}`);
    return scheme === 'Token' && value === token;
  }

  #write({ parameters, body }: FakeRequest): Answer {
    const { generation, database, refuses, keepsFrom = Number.NEGATIVE_INFINITY } = this.#options;
    if (parameters['precision'] !== 'ms') return { status: 400, json: { message: 'wrong precision' } };
    if (parameters['db'] !== database && generation === 2) {
      return { status: 404, json: { code: 'not found', message: 'no dbrp mapping found' } };
    }
    const texts = body.split('\n');
    const refused: { line_number: number; original_line: string; error_message: string }[] = [];
    const taken: ParsedLine[] = [];
    texts.forEach((text, i) => {
      const line = parseLine(text);
      const tooOld = generation !== 3 && line.t < keepsFrom ? 'points beyond retention policy' : undefined;
      const reason = refuses?.(line) ?? tooOld;
      if (reason === undefined) taken.push(line);
      else refused.push({ original_line: text, line_number: i + 1, error_message: reason });
    });
    const [first] = refused;
    const whole = first?.error_message.startsWith('unable to parse') ?? false;
    const partial = !whole && (generation !== 3 || parameters['accept_partial'] === 'true');
    if (first === undefined || partial) for (const line of taken) this.lines.set(keyOf(line), line);
    if (first === undefined) return { status: 204 };
    if (generation === 2) {
      if (whole) return { status: 400, json: { code: 'invalid', message: first.error_message } };
      const message = `failure writing points to database: partial write: ${first.error_message} dropped=${refused.length}`;
      return { status: 422, json: { code: 'unprocessable entity', message } };
    }
    return partial
      ? { status: 400, json: { error: 'partial write of line protocol occurred', data: refused } }
      : { status: 400, json: { error: 'parsing failed for write_lp endpoint', data: first } };
  }

  #query({ parameters, body }: FakeRequest): Answer {
    const {
      generation,
      database,
      keepsFrom = Number.NEGATIVE_INFINITY,
      tagsAsColumns = false,
    } = this.#options;
    const statement = new URLSearchParams(body).get('q') ?? '';
    if (parameters['db'] !== database) {
      if (generation === 3)
        return { status: 404, json: { error: `database not found: ${parameters['db']}` } };
      const shows = statement.startsWith('SHOW');
      return {
        status: 200,
        json: { results: [shows ? {} : { error: `database not found: ${parameters['db']}` }] },
      };
    }
    const shown = [...this.lines.values()].filter(({ t }) => t >= keepsFrom);
    const result = answerQuery(statement, shown, tagsAsColumns);
    return { status: 200, json: { results: [{ statement_id: 0, ...result }] } };
  }
}

/** Node.js has it, the types of ES2025 do not. */
const rawJson = JSON as unknown as { rawJSON(text: string): unknown };

/** Go writes the sign of a zero, which JSON.stringify leaves out. */
function withMinusZero(_key: string, value: unknown): unknown {
  return Object.is(value, -0) ? rawJson.rawJSON('-0') : value;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
}

async function received(incoming: IncomingMessage): Promise<FakeRequest> {
  const url = new URL(incoming.url ?? '', 'http://fake');
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    parameters: Object.fromEntries(url.searchParams),
    headers: incoming.headers,
    body: body.toString('utf8'),
  };
}

function keyOf({ measurement, tags, t }: ParsedLine): string {
  return JSON.stringify([measurement, tags, t]);
}
