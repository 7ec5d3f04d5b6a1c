import { StoreConfigError } from './errors.ts';
import type { PointStore, StoreOptions } from './point-store.ts';

type OpenEngine = (url: string, options: StoreOptions) => Promise<PointStore>;

/** One line an engine: its URL scheme, and the import that loads it and its vendor's client only when it is chosen. */
const ENGINES: Readonly<Record<string, OpenEngine>> = {
  duckdb: async (url, options) => (await import('./duckdb/index.ts')).openDuckDbStore(url, options),
  timestream: async (url, options) =>
    (await import('./timestream/index.ts')).openTimestreamStore(url, options),
  'influx+http': async (url, options) => (await import('./influx/index.ts')).openInfluxStore(url, options),
  'influx+https': async (url, options) => (await import('./influx/index.ts')).openInfluxStore(url, options),
};

/** The URL schemes that `openStore` knows, for messages. */
export const STORE_SCHEMES: readonly string[] = Object.keys(ENGINES);

/**
 * Opens the store that a URL names (`duckdb:./data/points.duckdb`, `duckdb::memory:`), loading its engine on the way. Rejects
 * with `StoreConfigError` for a URL that no engine accepts, and with the engine's `StoreError` when it does not open.
 */
export async function openStore(url: string, options: StoreOptions = {}): Promise<PointStore> {
  const scheme = storeScheme(url);
  const open = Object.hasOwn(ENGINES, scheme) ? ENGINES[scheme] : undefined;
  if (open === undefined) {
    throw new StoreConfigError([
      `its scheme is one of ${STORE_SCHEMES.map((name) => `${name}:`).join(', ')}`,
    ]);
  }
  return open(url, options);
}

/** The scheme of a store's URL in lower case; empty when it has none. */
export function storeScheme(url: string): string {
  return /^([a-z0-9+.]+):/i.exec(url)?.[1]?.toLowerCase() ?? '';
}
