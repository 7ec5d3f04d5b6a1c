import { readFile } from 'node:fs/promises';

export interface WatchOptions {
  /** Where each worker answers `/metrics`. */
  readonly workerUrls: readonly string[];
  /** The process ids to look at now, by what the report calls them. */
  readonly pids: () => Readonly<Record<string, number | undefined>>;
  /** Points in the store now. */
  readonly stored: () => number;
  /** True while the store is expected to make progress: load is on, and no outage is. */
  readonly shouldProgress: () => boolean;
}

const STALL_EVERY_MS = 100;
const SAMPLE_EVERY_MS = 1_000;
const IMBALANCE = /^furrow_ledger_imbalance(?:\{[^}]*\})? (\S+)$/gm;

/** What is measured while a run goes on. */
export class Watch {
  /** Most that a worker's ledger was ever out of balance by, in readings or messages. */
  imbalance = 0;
  /** How often a worker's ledger was read. */
  samples = 0;
  /** Longest time without a new point in the store while load was on and no outage was planned, in milliseconds. */
  longestStallMs = 0;
  /** When it ended, in milliseconds after the watch began. */
  longestStallEndMs = 0;
  /** Most memory each process had at one time, in bytes; empty where the system does not say (not Linux). */
  readonly peakBytes = new Map<string, number>();
  readonly #options: WatchOptions;
  readonly #timers: NodeJS.Timeout[];
  #stored = 0;
  readonly #startedAt = performance.now();
  #progressAt = this.#startedAt;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#timers = [
      setInterval(() => this.#lookForStall(), STALL_EVERY_MS),
      setInterval(() => void this.sample(), SAMPLE_EVERY_MS),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Reads every ledger and every process's memory once. A worker that is down has no ledger. */
  async sample(): Promise<void> {
    await Promise.all([...this.#options.workerUrls.map((url) => this.#readLedger(url)), this.#readMemory()]);
  }

  #lookForStall(): void {
    const stored = this.#options.stored();
    const now = performance.now();
    if (stored !== this.#stored || !this.#options.shouldProgress()) this.#progressAt = now;
    this.#stored = stored;
    if (now - this.#progressAt <= this.longestStallMs) return;
    this.longestStallMs = now - this.#progressAt;
    this.longestStallEndMs = now - this.#startedAt;
  }

  async #readLedger(url: string): Promise<void> {
    try {
      const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(SAMPLE_EVERY_MS) });
      const text = await answer.text();
      const found = [...text.matchAll(IMBALANCE)].map(([, value]) => Math.abs(Number(value)));
      if (found.length === 0) return;
      this.samples += 1;
      this.imbalance = Math.max(this.imbalance, ...found);
    } catch {
      // It is down or busy; the next second comes.
    }
  }

  async #readMemory(): Promise<void> {
    for (const [name, pid] of Object.entries(this.#options.pids())) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(status) ?? [];
      if (kib !== undefined)
        this.peakBytes.set(name, Math.max(this.peakBytes.get(name) ?? 0, Number(kib) * 1024));
    }
  }
}
