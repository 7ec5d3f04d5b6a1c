import type { Rate } from './pace/schedule.ts';

/** The flags of `furrow replay`. */
export interface ReplayFlags {
  readonly synthetic?: string;
  readonly writeFleet?: string;
  readonly mapping?: string;
  readonly to?: string;
  readonly tokenFile?: string;
  readonly devices?: string;
  readonly connections: number;
  readonly fast?: boolean;
  readonly rate?: number;
  readonly speed?: number;
  readonly time?: 'recorded' | 'now';
  /** Milliseconds since 1970 UTC. */
  readonly newest?: number;
  readonly limit?: number;
  readonly strict?: boolean;
  readonly verify?: boolean;
  readonly fleet?: string;
  readonly sample: number;
  readonly api?: string;
  readonly store?: string;
  /** Seconds. */
  readonly wait: number;
  readonly report?: string;
  readonly html?: string;
  readonly watch: readonly string[];
}

/** The rate that the flags ask for; undefined when they name none or several. */
export function rateOf({ fast, rate, speed }: ReplayFlags): Rate | undefined {
  const asked: Rate[] = [];
  if (fast) asked.push({ kind: 'fast' });
  if (rate !== undefined) asked.push({ kind: 'fixed', readingsPerSecond: rate });
  if (speed !== undefined) asked.push({ kind: 'recorded', speed });
  return asked.length === 1 ? asked[0] : undefined;
}

/** Where `--to` points. */
export type TargetAddress =
  | { readonly kind: 'sqs'; readonly url: string }
  | { readonly kind: 'api'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string };

/** The path of a queue URL: account and queue. */
const QUEUE_PATH = /^\/\d{12}\/[^/]+$/;

/**
 * `http://host:8080` is an API, `http://host/123456789012/uplinks` a queue, `file:out.ndjson` a file; `api:` or `sqs:` before a URL says so
 * where its path does not. Undefined for anything else.
 */
export function parseTarget(text: string): TargetAddress | undefined {
  const file = /^file:(.+)$/.exec(text);
  if (file?.[1] !== undefined) return { kind: 'file', path: file[1] };
  const [, said, url = ''] = /^(?:(api|sqs):)?(https?:\/\/.+)$/.exec(text) ?? [];
  if (!URL.canParse(url)) return undefined;
  const { pathname } = new URL(url);
  if (said === 'sqs' || (said === undefined && QUEUE_PATH.test(pathname))) return { kind: 'sqs', url };
  return said === 'api' || pathname === '/' ? { kind: 'api', url } : undefined;
}
