import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { RegistryInUseError } from '../errors.ts';

/** A held lock. */
export interface DataDirLock {
  /** Gives the directory free. Idempotent. */
  release(): void;
}

/** How often a stale lock is taken over before giving up: each failure means that somebody else was faster. */
const ATTEMPTS = 5;

/**
 * Keeps a second process away from a PGlite directory, which PGlite itself does not: two writers ruin it. The lock is the
 * file `<directory>.lock` with the process id and, on Linux, the time the process was started, so that a later process with
 * the same id (in a container it is always 1) is not taken for the holder. The lock of a dead process is taken over.
 *
 * Throws {@link RegistryInUseError} when a living process holds it.
 */
export function lockDataDir(directory: string): DataDirLock {
  const path = `${directory}.lock`;
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}\n`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (create(path, mine)) return heldLock(path, mine);
    const theirs = read(path);
    if (theirs === undefined) continue;
    const holder = livingHolder(theirs);
    if (holder !== undefined) throw inUse(directory, holder);
    removeStale(path, theirs);
  }
  throw inUse(directory, undefined);
}

function heldLock(path: string, mine: string): DataDirLock {
  let held = true;
  return {
    release: () => {
      if (held && read(path) === mine) rmSync(path, { force: true });
      held = false;
    },
  };
}

function inUse(directory: string, holder: number | undefined): RegistryInUseError {
  const who = holder === process.pid ? 'this process' : `process ${holder ?? 'of another start'}`;
  return new RegistryInUseError(
    `the registry in ${directory} is already open in ${who}; a PGlite directory has one process at a time`,
  );
}

function create(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The process id in a lock when that very process lives; a lock that names none is nobody's. */
function livingHolder(content: string): number | undefined {
  const [pidText = '', start = ''] = content.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined;
  const startNow = startOf(pid);
  return startNow === undefined || start === '' || startNow === start ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but is somebody else's.
    return codeOf(error) === 'EPERM';
  }
}

/**
 * When the process was started, in ticks since boot (field 22 of /proc/<pid>/stat); undefined where that cannot be read.
 */
function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the name in parentheses and may contain anything, so count from its end.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** Moves the stale lock away; if it is another's fresh one by now, puts that back. */
function removeStale(path: string, stale: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (read(aside) !== stale) linkSync(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
