/**
 * What goes wrong with a store as a whole. What is wrong with single points is in the `WriteReport`, never here.
 * `retryable`: the same call may succeed later, so the caller keeps its points; otherwise a person must change something.
 */
export abstract class StoreError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The engine cannot answer now: no connection, no disk space, an inner failure. Keep the points and try again. */
export class StoreUnavailableError extends StoreError {
  readonly code = 'store_unavailable';
  readonly retryable = true;
}

/** More calls wait than the store's limit allows. Slow down and try again. */
export class StoreBusyError extends StoreError {
  readonly code = 'store_busy';
  readonly retryable = true;
}

/** `close()` was called. Another process, or this one after a restart, can do the work. */
export class StoreClosedError extends StoreError {
  readonly code = 'store_closed';
  readonly retryable = true;

  constructor() {
    super('The store is closed.');
  }
}

/** The caller's `AbortSignal` fired; `cause` is its reason. */
export class StoreAbortedError extends StoreError {
  readonly code = 'store_aborted';
  readonly retryable = true;

  constructor(signal: AbortSignal) {
    super('The call to the store was aborted.', { cause: signal.reason });
  }
}

/** Somebody else has the store's file open. Retryable: it opens once they let go. */
export class StoreLockedError extends StoreError {
  readonly code = 'store_locked';
  readonly retryable = true;
  readonly path: string;
  /** The process that holds the file; undefined when the system does not say. */
  readonly holderPid: number | undefined;

  constructor(path: string, holderPid: number | undefined, options?: ErrorOptions) {
    const holder = holderPid === process.pid ? 'this process' : `process ${holderPid ?? 'of unknown number'}`;
    super(`The store's file ${path} is in use by ${holder}; a file has one writing process.`, options);
    this.path = path;
    this.holderPid = holderPid;
  }
}

/** The store's file cannot be read as one. Restore it or move it away; nothing was changed in it. */
export class StoreCorruptError extends StoreError {
  readonly code = 'store_corrupt';
  readonly retryable = false;
  readonly path: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`The store's file ${path} cannot be read: ${reason}`, options);
    this.path = path;
  }
}

/** The store's URL is wrong; `problems` lists everything that is. */
export class StoreConfigError extends StoreError {
  readonly code = 'store_config';
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The store's URL is wrong: ${problems.join('; ')}.`);
    this.problems = problems;
  }
}

/** A query outside the documented limits; `problems` lists every broken rule. */
export class BadQueryError extends StoreError {
  readonly code = 'bad_query';
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The query is wrong: ${problems.join('; ')}.`);
    this.problems = problems;
  }
}

/**
 * The engine answers but cannot serve as it is set up: a permission, a table or a setting is missing. `problems` names each one
 * with what must be changed. `probe()` rejects with it at start; while points are written the same finding is `keep`.
 */
export class StoreSetupError extends StoreError {
  readonly code = 'store_setup';
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(`The store is not set up: ${problems.join('; ')}.`, options);
    this.problems = problems;
  }
}
