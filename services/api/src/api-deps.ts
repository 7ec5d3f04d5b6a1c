import type { UplinkProducer } from '@furrow/queue';
import type { Logger, MetricsRegistry, Operations } from '@furrow/runtime';
import type { PointStore } from '@furrow/timeseries';
import type { AnswerCache } from './answer-cache.ts';
import type { ApiRegistry } from './api-registry.ts';
import type { BindGuard } from './bind-guard.ts';
import type { Control } from './control.ts';
import type { ResponseCache } from './response-cache.ts';

/** How the API meets its callers. */
export interface ApiSettings {
  /** Most requests of one token in a minute; 0 for no limit. Default 6,000. */
  readonly requestsPerMinute: number;
  /** Whose `X-Forwarded-*` headers are believed: nobody's (false), everybody's, or those of these addresses and networks. Default false. */
  readonly trustProxy: boolean | string;
  /** Where callers reach the API, such as `https://api.example.org`; when undefined, what the request says. */
  readonly publicUrl: string | undefined;
}

export const DEFAULT_SETTINGS: ApiSettings = {
  requestsPerMinute: 6_000,
  trustProxy: false,
  publicUrl: undefined,
};

/** What the routes work with. */
export interface ApiDeps {
  readonly registry: ApiRegistry;
  readonly producer: Pick<UplinkProducer, 'send'>;
  readonly store: PointStore;
  /** Answers about readings. */
  readonly cache: ResponseCache;
  /** Answers about devices. */
  readonly answers: AnswerCache;
  readonly bindGuard: BindGuard;
  /** How commands leave; without it the routes of control answer 503. */
  readonly control?: Control | undefined;
  /** Gives each uplink its `received_at`, milliseconds since 1970 UTC; every reading later than the one before. */
  readonly receivedAt: () => number;
}

/** What the server works with, beside the routes. */
export interface ServerDeps extends Omit<ApiDeps, 'answers' | 'bindGuard'> {
  readonly operations: Operations;
  readonly metrics: MetricsRegistry;
  readonly logger: Logger;
  readonly settings?: Partial<ApiSettings>;
}
