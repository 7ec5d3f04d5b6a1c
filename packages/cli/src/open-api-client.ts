import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { HttpConnections } from './http-exchange.ts';

/** Tries of one request before it is given up: about four seconds, enough for a busy queue. */
const DEFAULT_MAX_TRIES = 6;
const FIRST_DELAY_MS = 100;
/** A server may ask for more patience than a caller has. */
const MOST_DELAY_MS = 30_000;

/** One reading of a factor's history as the API answers it: `t` in UTC seconds. */
export interface HistoryReading {
  readonly v: number;
  readonly t: number;
}

/** What the API says of a post that it took. */
export interface PostAnswer {
  readonly received: number;
  /** Entries that have not the form of an item or a frame, as many as the API names. */
  readonly problems: readonly { readonly name: string; readonly message: string }[];
}

/** A device that the token reaches. */
export interface ListedDevice {
  readonly id: number;
  readonly agri_id: string;
  /** Null when it is bound to no project, and so takes no data. */
  readonly project: { readonly project_id: string } | null;
  /** Undefined where the API does not tell. */
  readonly allow?: boolean | undefined;
  /** Whether its gateway scales, which an API of another make or an older one does not tell. */
  readonly scaled?: boolean | undefined;
}

/** The API answered with an error, or, with status 0, did not answer. */
export class ApiAnswerError extends Error {
  readonly code = 'API_ANSWER';
  override readonly name = 'ApiAnswerError';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The code in the error envelope (`FORBIDDEN`), else `HTTP` or `NETWORK`. */
  readonly apiCode: string;
  /** True when the same request may succeed later. */
  readonly retryable: boolean;

  constructor(request: string, status: number, apiCode: string, text: string, options?: ErrorOptions) {
    super(
      status === 0 ? `${request} got no answer: ${text}` : `${request} answered ${status}: ${text}`,
      options,
    );
    this.status = status;
    this.apiCode = apiCode;
    this.retryable = status === 0 || status === 429 || status >= 500;
  }
}

const receivedSchema = z.object({
  data: z.object({
    received: z.number(),
    problems: z.array(z.object({ name: z.string(), message: z.string() })).default([]),
  }),
});
const historySchema = z.object({
  data: z.object({
    total: z.number(),
    data: z.array(z.object({ agri_id: z.string(), v: z.number(), t: z.number() })),
  }),
});
const devicesSchema = z.object({
  data: z.array(
    z.object({
      id: z.int(),
      agri_id: z.string(),
      project: z.object({ project_id: z.string() }).nullable(),
      allow: z.boolean().optional(),
      scaled: z.boolean().optional(),
    }),
  ),
});
const factorsSchema = z.object({ data: z.array(z.object({ agri_id: z.string() }).loose()) });
const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

export interface OpenApiClientOptions {
  /** Tries of one request in all; 6 by default. */
  readonly maxTries?: number;
  /** Limit of one try; 60 s by default. */
  readonly timeoutMs?: number;
}

/** The calls of the Open API that a gateway and a reader make, over plain HTTP as anybody would. */
export class OpenApiClient {
  readonly #baseUrl: string;
  readonly #token: string;
  readonly #maxTries: number;
  readonly #timeoutMs: number;
  readonly #connections = new HttpConnections();

  constructor(baseUrl: string, token: string, options: OpenApiClientOptions = {}) {
    this.#baseUrl = baseUrl.replace(/\/+$/, '');
    this.#token = token;
    this.#maxTries = options.maxTries ?? DEFAULT_MAX_TRIES;
    this.#timeoutMs = options.timeoutMs ?? 60_000;
  }

  /**
   * Posts readings for a device; text goes as it is. Answers of 429 and 5xx, and no answer, are tried again after what `Retry-After`
   * asks for. Rejects with {@link ApiAnswerError}.
   */
  async postData(
    projectId: string,
    devicePk: number,
    body: unknown,
    signal?: AbortSignal,
  ): Promise<PostAnswer> {
    const path = `/api/v2/projects/${encodeURIComponent(projectId)}/devices/${devicePk}/data/`;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const json = await this.#request(path, { method: 'POST', body: text }, signal);
    return receivedSchema.parse(json).data;
  }

  /** Every device that the token reaches. Rejects with {@link ApiAnswerError}. */
  async devices(signal?: AbortSignal): Promise<readonly ListedDevice[]> {
    return devicesSchema.parse(await this.#request('/api/v2/devices/', { method: 'GET' }, signal)).data;
  }

  /** The factors of a device as the API tells them, not yet checked. Rejects with {@link ApiAnswerError}. */
  async factors(
    devicePk: number,
    signal?: AbortSignal,
  ): Promise<readonly { readonly agri_id: string; readonly [field: string]: unknown }[]> {
    const path = `/api/v2/devices/${devicePk}/factors/`;
    return factorsSchema.parse(await this.#request(path, { method: 'GET' }, signal)).data;
  }

  /** Reads a factor's whole history, or what of it is after `minTimestamp` (UTC seconds), newest first, page by page. */
  async *history(
    factorAgriId: string,
    pageSize: number,
    signal?: AbortSignal,
    minTimestamp = 0,
  ): AsyncGenerator<HistoryReading[]> {
    for (let page = 1, read = 0; ; page += 1) {
      const query = `page=${page}&page_size=${pageSize}${minTimestamp > 0 ? `&min_timestamp=${minTimestamp}` : ''}`;
      const path = `/api/v2/factors/${encodeURIComponent(factorAgriId)}/data/?${query}`;
      const { data } = historySchema.parse(await this.#request(path, { method: 'GET' }, signal));
      if (data.data.length > 0) yield data.data;
      read += data.data.length;
      if (data.data.length === 0 || read >= data.total) return;
    }
  }

  async #request(
    path: string,
    init: { method: string; body?: string },
    signal?: AbortSignal,
  ): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#try(path, init, signal);
      if (answer.ok) return answer.json;
      signal?.throwIfAborted();
      if (attempt >= this.#maxTries || !answer.error.retryable) throw answer.error;
      const backoff = FIRST_DELAY_MS * 2 ** (attempt - 1);
      const delay = Math.min(MOST_DELAY_MS, Math.max(backoff, answer.retryAfterMs));
      await sleep(delay, undefined, signal ? { signal } : {});
    }
  }

  async #try(
    path: string,
    init: { method: string; body?: string },
    signal: AbortSignal | undefined,
  ): Promise<
    | { readonly ok: true; readonly json: unknown }
    | { readonly ok: false; readonly error: ApiAnswerError; readonly retryAfterMs: number }
  > {
    const request = `${init.method} ${path}`;
    try {
      const { status, headers, text } = await this.#connections.exchange(this.#baseUrl + path, {
        ...init,
        timeoutMs: this.#timeoutMs,
        signal,
        headers: {
          authorization: `Bearer ${this.#token}`,
          'content-type': 'application/json',
          'cache-control': 'no-cache',
        },
      });
      if (status >= 200 && status < 300) return { ok: true, json: JSON.parse(text) };
      const error = new ApiAnswerError(request, status, codeOf(text), text.slice(0, 500));
      return { ok: false, error, retryAfterMs: retryAfter(headers['retry-after']) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const failure = new ApiAnswerError(request, 0, 'NETWORK', reason, { cause: error });
      return { ok: false, error: failure, retryAfterMs: 0 };
    }
  }
}

function codeOf(text: string): string {
  try {
    return errorSchema.parse(JSON.parse(text)).error.code;
  } catch {
    return 'HTTP';
  }
}

/** `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110, section 10.2.3); 0 when there is none. */
function retryAfter(header: string | undefined): number {
  if (header === undefined) return 0;
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
}
