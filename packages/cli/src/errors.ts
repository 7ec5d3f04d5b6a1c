/** The command was given something that it cannot work with. Its message is the line that the user reads; the exit code is 1. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  readonly retryable = false;
  override readonly name = 'UsageError';
}

/** A copy between stores cannot go on. Its message is the line that the user reads; running the same command again goes on from there. */
export class CopyStoppedError extends Error {
  readonly code = 'COPY_STOPPED';
  readonly retryable = true;
  override readonly name = 'CopyStoppedError';
}

/** The readable part of `ENOENT: no such file or directory, open 'fleet.json'`. */
const SYSTEM_ERROR = /^[A-Z]+: ([^,]+)/;

/** What to throw when a file that the user named cannot be read; errors that do not come from the file stay as they are. */
export function unreadable(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error) || error.syscall === 'write') return error;
  const [, text = error.message] = SYSTEM_ERROR.exec(error.message) ?? [];
  return new UsageError(`cannot read ${file}: ${text}`, { cause: error });
}
