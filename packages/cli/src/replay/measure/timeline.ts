import { LatencyHistogram } from './latency.ts';

/** What one watched process said at the end of a window. */
export interface WatchedSample {
  readonly rssMiB: number | undefined;
  /** CPU seconds since the process began. */
  readonly cpuSeconds: number | undefined;
  /** Readings that it has refused, by reason, since it began. */
  readonly refused: Readonly<Record<string, number>>;
  /** Readings that it has stored since it began. */
  readonly stored: number | undefined;
}

/** What was measured between two moments. Counters are of the window, samples are from its end. */
export interface Window {
  /** Seconds since the start. */
  fromSeconds: number;
  toSeconds: number;
  messages: number;
  readings: number;
  late: number;
  refused: number;
  latency: LatencyHistogram;
  /** Messages on the queue; undefined where it cannot be asked. */
  backlog: number | undefined;
  rssMiB: number;
  /** CPU seconds of the replay itself in this window. */
  cpuSeconds: number;
  /** By the watched URL; one that did not answer is absent. */
  watched: ReadonlyMap<string, WatchedSample>;
}

/** Windows that are kept at most: as many as a chart can show. */
const MOST_WINDOWS = 360;
/** A window that is cut off sooner would show a rate that never was, so it is joined to the one before. */
const SHORTEST_SECONDS = 0.5;

/**
 * A run in at most {@link MOST_WINDOWS} windows, however long it takes: when there are more, each two are joined, their latencies by
 * adding histograms, so that percentiles stay true.
 */
export class Timeline {
  #windows: Window[] = [];
  #joined = 1;
  #inLast = 0;

  /** The windows from the first on. */
  get windows(): readonly Window[] {
    return this.#windows;
  }

  add(window: Window): void {
    const last = this.#windows.at(-1);
    const isShort = window.toSeconds - window.fromSeconds < SHORTEST_SECONDS;
    if (last && (isShort || this.#inLast < this.#joined)) {
      join(last, window);
      if (!isShort) this.#inLast += 1;
      return;
    }
    if (this.#windows.length === MOST_WINDOWS) this.#halve();
    this.#windows.push(window);
    this.#inLast = 1;
  }

  #halve(): void {
    const halved: Window[] = [];
    for (const [index, window] of this.#windows.entries()) {
      const before = halved.at(-1);
      if (index % 2 === 0 || !before) halved.push(window);
      else join(before, window);
    }
    this.#windows = halved;
    this.#joined *= 2;
  }
}

/** Adds the window that follows. */
function join(window: Window, next: Window): void {
  window.toSeconds = next.toSeconds;
  window.messages += next.messages;
  window.readings += next.readings;
  window.late += next.late;
  window.refused += next.refused;
  window.latency.add(next.latency);
  window.cpuSeconds += next.cpuSeconds;
  window.backlog = maxOf(window.backlog, next.backlog);
  window.rssMiB = Math.max(window.rssMiB, next.rssMiB);
  window.watched = next.watched;
}

function maxOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}

/** A window that begins, with nothing in it. */
export function emptyWindow(fromSeconds: number): Window {
  return {
    fromSeconds,
    toSeconds: fromSeconds,
    messages: 0,
    readings: 0,
    late: 0,
    refused: 0,
    latency: new LatencyHistogram(),
    backlog: undefined,
    rssMiB: 0,
    cpuSeconds: 0,
    watched: new Map(),
  };
}
