import { type Agent, Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** Longest answer that is read, bytes: far above any page of readings. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;

export interface HttpExchange {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Limit of the whole exchange. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Exchanges with servers over connections that are kept. A third of what `fetch` takes of CPU and memory, which a load generator feels. */
export class HttpConnections {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });

  /** Resolves to the answer, whatever its status. Rejects when there is none in time, or with the signal's reason. */
  exchange(url: string, { method, headers, body, timeoutMs, signal }: HttpExchange): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const secure = url.startsWith('https:');
      const agent: Agent = secure ? this.#https : this.#http;
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const sending = (secure ? httpsRequest : httpRequest)(url, {
        method,
        agent,
        headers: { ...headers, ...length },
      });
      const timer = setTimeout(() => sending.destroy(timeoutError(timeoutMs)), timeoutMs);
      const stop = (): void => void sending.destroy(abortError(signal?.reason));
      signal?.addEventListener('abort', stop);
      const settle = <T>(settled: (value: T) => void): ((value: T) => void) => {
        return (value) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', stop);
          settled(value);
        };
      };
      const fail = settle(reject);
      const done = settle(resolve);
      sending.on('error', fail);
      sending.on('response', (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MOST_ANSWER_BYTES)
            sending.destroy(new Error(`the answer has over ${MOST_ANSWER_BYTES} bytes`));
          else chunks.push(chunk);
        });
        answer.on('error', fail);
        answer.on('end', () => {
          done({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString(),
          });
        });
      });
      sending.end(body);
    });
  }
}

function timeoutError(timeoutMs: number): Error {
  return new Error(`no answer within ${timeoutMs / 1000} s`);
}

function abortError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('stopped');
}
