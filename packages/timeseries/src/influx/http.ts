import { Buffer } from 'node:buffer';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreAbortedError, StoreUnavailableError } from '../errors.ts';
import type { StoreCredentials } from '../point-store.ts';
import { messageOf } from './errors.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface HttpOptions {
  readonly origin: string;
  readonly credentials: StoreCredentials | undefined;
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Told of every answer with which the server asks to slow down. */
  readonly onThrottled: () => void;
}

/** Longest answer that is read; a page of history is below 1 MB, 100,000 buckets are below 20. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 2_000;
/** Longest wait that a server may ask for; one that wants more gets its points from the queue later. */
const LONGEST_RETRY_AFTER_MS = 10_000;

/**
 * Sends requests to one server: credentials, time limit, and again after what may pass (no answer, 429, 5xx) up to `attempts` times, with
 * full jitter or after the `Retry-After` of the answer. Resolves with the last answer whatever its status; rejects with
 * `StoreUnavailableError` when there was none, and with `StoreAbortedError` when `signal` fired. Follows no redirect.
 */
export class HttpSender {
  readonly #options: HttpOptions;
  readonly #authorization: Readonly<Record<string, string>>;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#authorization = authorizationOf(options.credentials);
  }

  async send(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#once(request, signal).catch((error: unknown) => {
        if (signal?.aborted) throw new StoreAbortedError(signal);
        return error;
      });
      const answer = isAnswer(outcome) ? outcome : undefined;
      if (answer !== undefined && !mayPass(answer.status)) return answer;
      if (answer?.status === 429 || answer?.status === 503) this.#options.onThrottled();
      const waitMs = answer === undefined ? backoffMs(attempt) : (retryAfterMs(answer) ?? backoffMs(attempt));
      if (attempt >= this.#options.attempts || waitMs > LONGEST_RETRY_AFTER_MS) {
        if (answer !== undefined) return answer;
        throw unreachable(this.#options.origin, outcome);
      }
      await this.#wait(waitMs, signal);
    }
  }

  async #once(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const { origin, timeoutMs } = this.#options;
    const url = new URL(request.path, origin);
    url.search = new URLSearchParams(request.parameters).toString();
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, {
      method: request.method,
      headers: { accept: 'application/json', ...request.headers, ...this.#authorization },
      // A redirect would carry the credentials elsewhere.
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(request.body !== undefined && { body: request.body }),
    });
    return { status: response.status, headers: response.headers, body: await readBody(response) };
  }

  async #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await delay(ms, undefined, { ...(signal && { signal }) });
    } catch (error) {
      throw signal?.aborted ? new StoreAbortedError(signal) : error;
    }
  }
}

/** `Token` is read by 2.x and 3.x, `Basic` by all (on 3.x the password is the token). */
function authorizationOf(credentials: StoreCredentials | undefined): Readonly<Record<string, string>> {
  if (credentials === undefined) return {};
  if (credentials.kind === 'token') return { authorization: `Token ${credentials.token}` };
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8').toString('base64');
  return { authorization: `Basic ${pair}` };
}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_ANSWER_BYTES)
      throw new RangeError(`its answer is longer than ${MOST_ANSWER_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function isAnswer(outcome: unknown): outcome is HttpAnswer {
  return typeof outcome === 'object' && outcome !== null && 'status' in outcome && 'body' in outcome;
}

/** A request that timed out at the server, a throttle, and every failure of the server itself. */
function mayPass(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function backoffMs(attempt: number): number {
  return Math.random() * Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), LONGEST_BACKOFF_MS);
}

function retryAfterMs(answer: HttpAnswer): number | undefined {
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return seconds >= 0 ? seconds * 1_000 : undefined;
}

function unreachable(origin: string, cause: unknown): StoreUnavailableError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const reason = inner instanceof Error ? inner.message || inner.name : String(inner);
  return new StoreUnavailableError(`InfluxDB at ${origin} does not answer: ${messageOf(reason)}.`, { cause });
}
