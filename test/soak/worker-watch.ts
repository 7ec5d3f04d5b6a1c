import { setTimeout as sleep } from 'node:timers/promises';

/** What the worker's `/metrics` said at one time. */
export interface WorkerSample {
  /** When it was taken, in seconds on a clock that never goes back. */
  readonly at: number;
  readonly imbalance: number;
  readonly residentMb: number;
  readonly readings: Readonly<Record<ReadingsEntry, number>>;
  readonly storeRejected: number;
}

const ENTRIES = ['received', 'stored', 'already_stored', 'rejected', 'returned', 'in_flight'] as const;
type ReadingsEntry = (typeof ENTRIES)[number];

const TRIES = 5;
const AGAIN_MS = 200;

/** Samples a worker's metrics once a second until it is stopped. */
export class WorkerWatch {
  readonly samples: WorkerSample[] = [];
  readonly #operationsUrl: string;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;

  constructor(operationsUrl: string) {
    this.#operationsUrl = operationsUrl;
    this.#watching = this.#watch();
    // Who stops the watch is told; until then a failure must not end the process.
    this.#watching.catch(() => undefined);
  }

  /** One sample, taken now and kept. */
  async sample(): Promise<WorkerSample> {
    const sample = readSample(await this.#metrics());
    this.samples.push(sample);
    return sample;
  }

  /** A connection that breaks on a busy machine says nothing about the worker; one that is gone stays away. */
  async #metrics(): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await (await fetch(`${this.#operationsUrl}/metrics`)).text();
      } catch (error) {
        if (attempt === TRIES) throw error;
        await sleep(AGAIN_MS);
      }
    }
  }

  /** Rejects with what made the sampling fail, if anything did. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.sample();
      await sleep(1_000, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }
}

/** Reads the Prometheus text. Throws for a metric that is not there: a renamed one must not read as 0. */
export function readSample(text: string): WorkerSample {
  const value = (name: string, label = ''): number => {
    const line = text.split('\n').find((line) => line.startsWith(name) && line.includes(label));
    const number = Number(line?.slice(line.lastIndexOf(' ') + 1));
    if (line === undefined || Number.isNaN(number)) throw new Error(`/metrics has no ${name} ${label}`);
    return number;
  };
  const readings = Object.fromEntries(
    ENTRIES.map((entry) => [entry, value('furrow_ledger_readings{', `entry="${entry}"`)]),
  ) as WorkerSample['readings'];
  const imbalances = ['readings', 'messages'].map((unit) =>
    Math.abs(value('furrow_ledger_imbalance{', `unit="${unit}"`)),
  );
  return {
    at: performance.now() / 1000,
    imbalance: Math.max(...imbalances),
    residentMb: value('process_resident_memory_bytes{') / 2 ** 20,
    readings,
    storeRejected: value('furrow_ledger_rejected_readings{', 'reason="store_rejected"'),
  };
}
