import { LatencyHistogram } from './latency.ts';
import { emptyWindow, Timeline, type WatchedSample, type Window } from './timeline.ts';

/** One send that has its answer. */
export interface MeasuredSend {
  readonly latencyMs: number;
  readonly readings: number;
  readonly bytes: number;
  readonly late: boolean;
  readonly ok: boolean;
}

/** What was measured beside the sends at the end of a window. */
export interface Surroundings {
  readonly backlog: number | undefined;
  readonly watched: ReadonlyMap<string, WatchedSample>;
}

/** Sums over the whole run. */
export interface Totals {
  /** Messages that have their answer, good or bad. */
  readonly messages: number;
  readonly accepted: number;
  readonly readings: number;
  readonly acceptedReadings: number;
  readonly bytes: number;
  readonly late: number;
}

const MIB = 1_048_576;

/** Counts and measures a run: every send once, and the process at every tick. */
export class RunMeter {
  readonly timeline = new Timeline();
  readonly latency = new LatencyHistogram(3);
  readonly #reasons = new Map<string, { count: number; first: string }>();
  readonly #now: () => number;
  readonly #started: number;
  #window: Window;
  #cpu = process.cpuUsage();
  #totals = { messages: 0, accepted: 0, readings: 0, acceptedReadings: 0, bytes: 0, late: 0 };
  #maxRssMiB = 0;
  #cpuSeconds = 0;
  #sendingSeconds = 0;

  /** `now` gives milliseconds from any fixed moment. */
  constructor(now: () => number) {
    this.#now = now;
    this.#started = now();
    this.#window = emptyWindow(0);
  }

  get seconds(): number {
    return (this.#now() - this.#started) / 1000;
  }

  get totals(): Totals {
    return this.#totals;
  }

  get maxRssMiB(): number {
    return this.#maxRssMiB;
  }

  get cpuSeconds(): number {
    return this.#cpuSeconds;
  }

  /** What was refused or failed, most frequent first, each with the message of the first case. */
  get reasons(): readonly { readonly reason: string; readonly count: number; readonly first: string }[] {
    return [...this.#reasons]
      .map(([reason, { count, first }]) => ({ reason, count, first }))
      .sort((a, b) => b.count - a.count);
  }

  sent({ latencyMs, readings, bytes, late, ok }: MeasuredSend): void {
    this.latency.record(latencyMs);
    this.#window.latency.record(latencyMs);
    this.#window.messages += 1;
    this.#totals.messages += 1;
    this.#totals.readings += readings;
    this.#totals.bytes += bytes;
    if (late) {
      this.#window.late += 1;
      this.#totals.late += 1;
    }
    if (!ok) return;
    this.#window.readings += readings;
    this.#totals.accepted += 1;
    this.#totals.acceptedReadings += readings;
  }

  refused(reason: string, count: number, message: string): void {
    if (count === 0) return;
    this.#window.refused += count;
    const known = this.#reasons.get(reason);
    if (known) known.count += count;
    else this.#reasons.set(reason, { count, first: message });
  }

  /** When the last answer of the sending came, seconds since the start; what follows is waiting. */
  get sendingSeconds(): number {
    return this.#sendingSeconds;
  }

  /** Ends a window and begins the next. Returns the one that ended. `sending` is false once all is sent. */
  tick({ backlog, watched }: Surroundings, sending: boolean): Window {
    const window = this.#window;
    const cpu = process.cpuUsage();
    window.toSeconds = this.seconds;
    window.cpuSeconds = (cpu.user - this.#cpu.user + cpu.system - this.#cpu.system) / 1e6;
    this.#cpu = cpu;
    if (sending || this.#sendingSeconds === 0 || window.messages > 0) this.#sendingSeconds = window.toSeconds;
    window.rssMiB = process.memoryUsage.rss() / MIB;
    window.backlog = backlog;
    window.watched = watched;
    this.#maxRssMiB = Math.max(this.#maxRssMiB, window.rssMiB);
    this.#cpuSeconds += window.cpuSeconds;
    this.#window = emptyWindow(window.toSeconds);
    this.timeline.add(window);
    return window;
  }
}
