import type { WatchedSample } from './timeline.ts';

const TIMEOUT_MS = 2_000;
const MIB = 1_048_576;

/** A line of the Prometheus text format: name, labels, value. */
const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const REASON = /(?:^|,)reason="([^"]*)"/;
const STORED = /(?:^|,)entry="stored"/;

/** Asks processes for their metrics. A URL that does not answer within two seconds, or with something else, has no sample. */
export async function watchMetrics(urls: readonly string[]): Promise<ReadonlyMap<string, WatchedSample>> {
  const samples = await Promise.all(urls.map(async (url) => [url, await sampleOf(url)] as const));
  return new Map(samples.filter((pair): pair is [string, WatchedSample] => pair[1] !== undefined));
}

async function sampleOf(url: string): Promise<WatchedSample | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    return response.ok ? readMetrics(text) : undefined;
  } catch {
    return undefined;
  }
}

/** What a process of Furrow says of itself in the Prometheus text format. */
export function readMetrics(text: string): WatchedSample {
  const refused: Record<string, number> = {};
  let rssMiB: number | undefined;
  let cpuSeconds: number | undefined;
  let stored: number | undefined;
  for (const line of text.split('\n')) {
    const [, name, labels = '', number = ''] = LINE.exec(line) ?? [];
    const value = Number(number);
    if (name === undefined || Number.isNaN(value)) continue;
    if (name === 'process_resident_memory_bytes') rssMiB = value / MIB;
    else if (name === 'process_cpu_seconds_total') cpuSeconds = value;
    else if (name === 'furrow_ledger_rejected_readings') {
      const reason = REASON.exec(labels)?.[1] ?? 'unknown';
      if (value > 0) refused[reason] = value;
    } else if (name === 'furrow_ledger_readings' && STORED.test(labels)) stored = value;
  }
  return { rssMiB, cpuSeconds, refused, stored };
}
