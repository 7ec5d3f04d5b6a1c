import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** Tries of one request before it is given up: about four seconds, enough for a busy queue. */
const MAX_TRIES = 6;
const FIRST_DELAY_MS = 100;

/** One reading of a factor's history as the API answers it: `t` in UTC seconds. */
export interface HistoryReading {
  readonly v: number;
  readonly t: number;
}

const receivedSchema = z.object({ data: z.object({ received: z.number() }) });
const historySchema = z.object({
  data: z.object({
    total: z.number(),
    data: z.array(z.object({ agri_id: z.string(), v: z.number(), t: z.number() })),
  }),
});

/** The calls of the Open API that a gateway and a reader make, over plain HTTP as anybody would. */
export class OpenApiClient {
  readonly #baseUrl: string;
  readonly #token: string;

  constructor(baseUrl: string, token: string) {
    this.#baseUrl = baseUrl;
    this.#token = token;
  }

  /** Posts readings for a device; resolves to how many the API took. Answers of 429 and 503 are tried again. */
  async postData(projectId: string, devicePk: number, body: unknown, signal?: AbortSignal): Promise<number> {
    const path = `/api/v2/projects/${encodeURIComponent(projectId)}/devices/${devicePk}/data/`;
    const json = await this.#request(path, { method: 'POST', body: JSON.stringify(body) }, signal);
    return receivedSchema.parse(json).data.received;
  }

  /** Reads a factor's whole history, newest first, page by page. */
  async *history(
    factorAgriId: string,
    pageSize: number,
    signal?: AbortSignal,
  ): AsyncGenerator<HistoryReading[]> {
    for (let page = 1, read = 0; ; page += 1) {
      const path = `/api/v2/factors/${encodeURIComponent(factorAgriId)}/data/?page=${page}&page_size=${pageSize}`;
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
      const response = await fetch(this.#baseUrl + path, {
        ...init,
        ...(signal && { signal }),
        headers: {
          authorization: `Bearer ${this.#token}`,
          'content-type': 'application/json',
          'cache-control': 'no-cache',
        },
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text);
      if (attempt === MAX_TRIES || (response.status !== 503 && response.status !== 429)) {
        throw new Error(`${init.method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
      }
      await sleep(FIRST_DELAY_MS * 2 ** (attempt - 1), undefined, signal ? { signal } : {});
    }
  }
}
