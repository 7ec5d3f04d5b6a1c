import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveLines } from '../terminal/live-lines.ts';
import type { RunMeter } from './measure/run-meter.ts';
import { watchMetrics } from './measure/watch-metrics.ts';
import { progressLines } from './progress-lines.ts';
import type { QueueWatch } from './target/queue-watch.ts';

const TICK_MS = 1_000;
const DRAIN_POLL_MS = 250;
/** SQS counts lag: the queue is empty when it said so this often, one after the other. */
const EMPTY_ANSWERS = 3;

export interface TickerOptions {
  readonly meter: RunMeter;
  readonly queues: QueueWatch;
  /** URLs of metrics. */
  readonly watch: readonly string[];
  readonly live: LiveLines;
  /** Messages that there are to send, where that is known. */
  readonly messages: number | undefined;
}

/** Ends a window of measurement each second, asks what is around, and shows how things stand. */
export class Ticker {
  readonly #options: TickerOptions;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;
  #sending = true;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** All is sent: closes the window at hand, so that the figures of the sending stand for themselves. */
  async sent(): Promise<void> {
    this.#sending = false;
    await this.#tick();
  }

  /** Resolves when the queue reads empty, or after `patienceMs`; at once when nobody can say. */
  async drained(patienceMs: number, signal: AbortSignal): Promise<void> {
    const until = performance.now() + patienceMs;
    let emptyAnswers = 0;
    while (emptyAnswers < EMPTY_ANSWERS && performance.now() < until && !signal.aborted) {
      const backlog = await this.#options.queues.backlog();
      if (backlog === undefined) return;
      emptyAnswers = backlog === 0 ? emptyAnswers + 1 : 0;
      await sleep(DRAIN_POLL_MS);
    }
  }

  /** Ends it; safe to call again. */
  async end(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    await this.#running;
    this.#options.live.end();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    let next = performance.now() + TICK_MS;
    while (!signal.aborted) {
      await sleep(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#tick();
      next = Math.max(next + TICK_MS, performance.now());
    }
  }

  async #tick(): Promise<void> {
    const { meter, queues, watch, live, messages } = this.#options;
    const [backlog, watched] = await Promise.all([queues.backlog(), watchMetrics(watch)]);
    const window = meter.tick({ backlog, watched }, this.#sending);
    live.show(progressLines(meter, window, messages));
  }
}
