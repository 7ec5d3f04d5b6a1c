import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { StoreAbortedError, StoreBusyError, StoreClosedError } from '../errors.ts';

interface Waiter {
  readonly start: (connection: DuckDBConnection) => void;
  readonly refuse: (error: Error) => void;
}

/**
 * A fixed number of connections, each serving one caller at a time in order of arrival. A pool of one connection is the
 * store's writer: it makes writes serial. Waiting callers are bounded, and leave the queue when their signal fires.
 */
export class ConnectionPool {
  readonly #connections: readonly DuckDBConnection[];
  readonly #idle: DuckDBConnection[];
  readonly #waiting: Waiter[] = [];
  readonly #waitLimit: number;
  #closed = false;
  #drained: (() => void) | undefined;

  private constructor(connections: readonly DuckDBConnection[], waitLimit: number) {
    this.#connections = connections;
    this.#idle = [...connections];
    this.#waitLimit = waitLimit;
  }

  static async open(instance: DuckDBInstance, size: number, waitLimit: number): Promise<ConnectionPool> {
    const connections: DuckDBConnection[] = [];
    while (connections.length < size) connections.push(await instance.connect());
    return new ConnectionPool(connections, waitLimit);
  }

  /**
   * Runs `work` on a connection as soon as one is free. Rejects with `StoreBusyError` when `waitLimit` callers wait already,
   * `StoreAbortedError` when `signal` fires before the work begins, `StoreClosedError` after `close`.
   */
  async use<T>(work: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.#acquire(signal);
    try {
      return await work(connection);
    } finally {
      this.#release(connection);
    }
  }

  /** Turns waiting callers away, waits for running ones, disconnects. Call it once. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(new StoreClosedError());
    if (this.#idle.length < this.#connections.length) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    for (const connection of this.#connections) connection.disconnectSync();
  }

  async #acquire(signal: AbortSignal | undefined): Promise<DuckDBConnection> {
    if (this.#closed) throw new StoreClosedError();
    if (signal?.aborted) throw new StoreAbortedError(signal);
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#waiting.length >= this.#waitLimit) {
      throw new StoreBusyError(`${this.#waitLimit} calls wait for the store already.`);
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        if (signal !== undefined) reject(new StoreAbortedError(signal));
      };
      const waiter: Waiter = {
        start: (connection) => {
          signal?.removeEventListener('abort', leave);
          resolve(connection);
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #release(connection: DuckDBConnection): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next.start(connection);
      return;
    }
    this.#idle.push(connection);
    if (this.#idle.length === this.#connections.length) this.#drained?.();
  }
}
