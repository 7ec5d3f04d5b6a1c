import type { AgriId, Point } from '@furrow/contracts';

/**
 * The port behind which every time-series engine stands.
 *
 * A point's key is (`agriId`, `t`). A higher `version` replaces a lower one, the same version again changes nothing, a lower
 * one never wins. Reads never show two values for one key, and never a point older than the retention of 90 days, whatever
 * is still on disk. What is fixed for good is in the words "newest", "after" and "from": by `t`, never by arrival.
 *
 * Errors: every method rejects with a `StoreError` and with nothing else; `retryable` says whether the same call may succeed later.
 */
export interface PointStore {
  /**
   * Stores points. Resolves once every point counted as `stored` survives the death of the process; never rejects for what a
   * point contains. Rejects with a retryable `StoreError` when nothing could be written now (`StoreAbortedError` when `signal`
   * fired before the commit began, after which nothing was written). Whatever the outcome, repeating the call is safe.
   * An empty array resolves to an empty report.
   */
  write(points: readonly Point[], signal?: AbortSignal): Promise<WriteReport>;
  /** One page of one factor's points, newest first. An unknown factor has an empty history. */
  history(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryPage>;
  /**
   * The newest point of every factor that belongs to the device by the prefix rule (`belongsTo` of the contracts), ordered by
   * agri_id. `device`, `orgId`, `projectId` and `theType` are those that the factor was last written with.
   * Empty when nothing is known.
   */
  latest(deviceAgriId: AgriId, signal?: AbortSignal): Promise<readonly Point[]>;
  /** One factor's points summed up per interval, oldest first; intervals without points are left out. */
  buckets(query: BucketQuery, signal?: AbortSignal): Promise<readonly Bucket[]>;
  /**
   * The factors that have points on a UTC day, ordered by agri_id (by UTF-16 code unit), with the number of their points. Described as
   * they were last written with; an engine that keeps the description with each point (Timestream) tells that of the day.
   */
  factorsOn(day: number, signal?: AbortSignal): Promise<readonly FactorDay[]>;
  /**
   * Every point of these factors on a UTC day, a bounded number at a time; no snapshot, so a point that is written meanwhile is in it or
   * not. Each factor's points come in rising `t`; factors come in any order, and may take turns. Holds nothing while the caller works,
   * so leaving the loop early or not at all is safe; `signal` and `close` end it with their errors.
   */
  scan(query: ScanQuery, signal?: AbortSignal): AsyncIterable<readonly ScannedPoint[]>;
  /** Gives the space of points older than 90 days before `now` back. Repeating it is cheap. */
  enforceRetention(now: Date): Promise<RetentionReport>;
  /** Resolves when the engine can serve; rejects with the `StoreError` that says why it cannot. */
  probe(): Promise<void>;
  /** Lets running calls finish, turns waiting ones away with `StoreClosedError`, and releases everything. Idempotent. */
  close(): Promise<void>;
}

/**
 * What became of the points of one `write`. Always
 * `stored + alreadyStored + rejected.length + keep.length === points.length`.
 */
export interface WriteReport {
  /** Points newly durable by this call, replacements of an older version included. */
  readonly stored: number;
  /** Points whose key is stored with the same or a higher version, or stands in the same call with one that wins. */
  readonly alreadyStored: number;
  /** Points that the engine refuses for good (`store_rejected`), in rising order of `index` into the call's array. */
  readonly rejected: readonly RejectedPoint[];
  /** Indices of points that could not be written now, rising: the caller retries them or returns their message. */
  readonly keep: readonly number[];
  /** Why `keep` is not empty. */
  readonly keepReason?: string;
}

export interface RejectedPoint {
  readonly index: number;
  readonly message: string;
}

/** The limits are exclusive below and inclusive above: `minT < t <= maxT`, after the reference's "after this timestamp". */
export interface HistoryQuery {
  readonly agriId: AgriId;
  /** From 1. */
  readonly page: number;
  /** 1 to `MAX_PAGE_SIZE`. */
  readonly pageSize: number;
  /** Milliseconds since 1970 UTC; only points after it. Below the retention limit it changes nothing. */
  readonly minT: number;
  /** Milliseconds since 1970 UTC; only points up to and including it. No limit when left out. */
  readonly maxT?: number;
}

export interface HistoryPage {
  /** Points between the limits on all pages, counted in the same snapshot as `points`. */
  readonly total: number;
  /** Newest first; empty beyond the last page. */
  readonly points: readonly HistoryPoint[];
}

export interface HistoryPoint {
  readonly t: number;
  readonly value: number;
  readonly version: number;
}

/** `from <= t < to`, in intervals that are whole multiples of `intervalMs` since 1970 UTC; at most `MAX_BUCKETS` of them. */
export interface BucketQuery {
  readonly agriId: AgriId;
  readonly from: number;
  readonly to: number;
  readonly intervalMs: number;
}

export interface Bucket {
  /** Start of the interval, a multiple of `intervalMs`; the first may lie before `from`. */
  readonly t: number;
  readonly min: number;
  readonly max: number;
  readonly avg: number;
  /** The value with the highest `t`. */
  readonly last: number;
  readonly count: number;
}

/** One factor's part of a UTC day. */
export interface FactorDay extends Pick<Point, 'agriId' | 'device' | 'orgId' | 'projectId' | 'theType'> {
  /** From 1. */
  readonly points: number;
}

export interface ScanQuery {
  /** Days since 1970 UTC. */
  readonly day: number;
  /** Any number of factors, each once; unknown ones have no points. */
  readonly agriIds: readonly AgriId[];
}

/** A point as a scan gives it: what describes the factor is in its `FactorDay`. */
export interface ScannedPoint extends HistoryPoint {
  readonly agriId: AgriId;
}

export interface RetentionReport {
  readonly droppedPoints: number;
  /** Storage units released as a whole; 0 for engines that expire points by themselves. */
  readonly droppedPartitions: number;
  /** Bytes returned to the file system or free for new points in the store's file; 0 where the engine does not say. */
  readonly freedBytes: number;
}

/** What every engine takes beside its URL. */
export interface StoreOptions {
  /** Milliseconds since 1970 UTC; `Date.now` when left out. Reads and write checks go by it. */
  readonly clock?: () => number;
  /** The storage must be there already: a store that would begin empty (a file that is missing) rejects with `StoreConfigError`. */
  readonly mustExist?: boolean;
  /** Told what calls to the engine's service cost, for metrics. Must not throw and must return at once. */
  readonly onEvent?: (event: StoreEvent) => void;
  /**
   * How to log in, for an engine that asks; given here rather than in the URL, it cannot end up where URLs do. Engines whose client
   * finds its own credentials (the AWS SDK) or that need none leave it alone. Never part of a message or an event.
   */
  readonly credentials?: StoreCredentials;
}

/** A token, or a name and a password. */
export type StoreCredentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'password'; readonly username: string; readonly password: string };

/** What an engine behind a network tells of its work; an embedded one tells nothing. Never one event a point. */
export type StoreEvent =
  /** One request with points was answered, whatever the answer. `bodyBytes` before compression. */
  | {
      readonly kind: 'write';
      readonly points: number;
      readonly bodyBytes: number;
      readonly durationMs: number;
    }
  /** The service asked to slow down; `concurrency` is how many requests may be in flight from now on. */
  | { readonly kind: 'throttled'; readonly concurrency: number }
  /** A read ended. `bytesScanned` and `bytesMetered` as the service counts them, 0 where it does not. */
  | {
      readonly kind: 'query';
      readonly operation: 'history' | 'latest' | 'buckets' | 'factors' | 'scan' | 'probe';
      readonly bytesScanned: number;
      readonly bytesMetered: number;
      readonly pages: number;
      readonly durationMs: number;
    };
