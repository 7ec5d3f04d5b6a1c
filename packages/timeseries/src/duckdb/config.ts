import { availableParallelism } from 'node:os';
import { StoreConfigError } from '../errors.ts';

/** What a `duckdb:` URL says. */
export interface DuckDbConfig {
  /** Path of the database file, or `:memory:`. */
  readonly path: string;
  /** Most memory that DuckDB's buffers take, in its own notation (`512MB`). */
  readonly memoryLimit: string;
  /** Threads that DuckDB computes with. */
  readonly threads: number;
  /** Reads that run at the same time, each on its own connection. */
  readonly readers: number;
  /** Size of the write-ahead log at which DuckDB brings it into the file, in its own notation. */
  readonly checkpointThreshold: string;
}

export const IN_MEMORY = ':memory:';

const SIZE = /^\d{1,6}(?:\.\d{1,3})?(?:KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;
const MOST_THREADS = 256;
/** DuckDB's calls run on Node's pool of four threads: more readers than this would only wait for each other. */
const MOST_READERS = 16;

/**
 * Parses `duckdb:<path>[?memory_limit=512MB&threads=2&readers=2&checkpoint_threshold=16MB]`; the path is relative to the working
 * directory, absolute, or `:memory:`, and may be percent-encoded. The defaults, shown here, suit a small machine (one thread where
 * there is one). Throws a `StoreConfigError` that lists every problem.
 */
export function parseDuckDbUrl(url: string): DuckDbConfig {
  const [location = '', query = ''] = splitOnce(url.replace(/^duckdb:/i, ''), '?');
  const problems: string[] = [];
  const parameters = new URLSearchParams(query);
  const read = {
    memory_limit: (text: string) => size('memory_limit', text, problems),
    threads: (text: string) => wholeNumber('threads', text, MOST_THREADS, problems),
    readers: (text: string) => wholeNumber('readers', text, MOST_READERS, problems),
    checkpoint_threshold: (text: string) => size('checkpoint_threshold', text, problems),
  };
  for (const name of new Set(parameters.keys())) {
    if (!Object.hasOwn(read, name))
      problems.push(`it has no parameter ${name} (${Object.keys(read).join(', ')})`);
    if (parameters.getAll(name).length > 1) problems.push(`${name} is given once`);
  }
  const config = {
    path: readPath(location, problems),
    memoryLimit: read.memory_limit(parameters.get('memory_limit') ?? '512MB'),
    threads: read.threads(parameters.get('threads') ?? String(Math.min(2, availableParallelism()))),
    readers: read.readers(parameters.get('readers') ?? '2'),
    checkpointThreshold: read.checkpoint_threshold(parameters.get('checkpoint_threshold') ?? '16MB'),
  };
  if (problems.length > 0) throw new StoreConfigError(problems);
  return config;
}

function readPath(location: string, problems: string[]): string {
  // `duckdb:///data/points.duckdb` is the absolute path in full URL form; `duckdb://data/…` would name a host.
  const path = location.startsWith('///') ? location.slice(2) : location;
  if (path.startsWith('//'))
    problems.push('its path has no host: duckdb:./relative/path or duckdb:/absolute/path');
  if (path === '') problems.push('it names a file after "duckdb:", or :memory:');
  try {
    return decodeURIComponent(path);
  } catch {
    problems.push('the percent signs in its path are followed by two hexadecimal digits');
    return path;
  }
}

function size(name: string, text: string, problems: string[]): string {
  if (!SIZE.test(text)) problems.push(`${name} is a size such as 512MB or 1.5GB`);
  return text;
}

function wholeNumber(name: string, text: string, most: number, problems: string[]): number {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text) || value < 1 || value > most) {
    problems.push(`${name} is a whole number from 1 to ${most}`);
  }
  return value;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
