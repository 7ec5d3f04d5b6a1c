import { StoreCorruptError, StoreError, StoreLockedError, StoreUnavailableError } from '../errors.ts';

const LOCK_HELD = /Could not set lock on file/;
const HOLDER = /\(PID (\d+)\)/;
/** What DuckDB says of a file that is not its own, is damaged or cut short, or was written by a newer DuckDB. */
const UNREADABLE =
  /not a valid DuckDB database file|Corrupt database file|Could not read enough bytes|Serialization Error|database file with version number|Failure while replaying WAL/;

/** The typed error for a failure to open `path`. */
export function openingError(path: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const message = messageOf(cause);
  if (LOCK_HELD.test(message)) {
    const pid = HOLDER.exec(message)?.[1];
    return new StoreLockedError(path, pid === undefined ? undefined : Number(pid), { cause });
  }
  if (UNREADABLE.test(message)) return new StoreCorruptError(path, firstLine(message), { cause });
  return new StoreUnavailableError(`The store's file ${path} does not open: ${firstLine(message)}`, {
    cause,
  });
}

/** The typed error for a failure while the database is open. */
export function runningError(doing: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  return new StoreUnavailableError(`DuckDB failed while ${doing}: ${firstLine(messageOf(cause))}`, { cause });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** DuckDB appends the statement and hints on further lines, which belong in `cause`. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}
