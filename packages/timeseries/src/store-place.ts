import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { IN_MEMORY, parseDuckDbUrl } from './duckdb/config.ts';
import { StoreConfigError } from './errors.ts';
import { parseInfluxUrl } from './influx/config.ts';
import { STORE_SCHEMES, storeScheme } from './open-store.ts';
import { parseTimestreamUrl } from './timestream/config.ts';

/** One line an engine. Reads URLs only: no vendor's client is loaded for it. */
const PLACES: Readonly<Record<string, (url: string) => string | Promise<string>>> = {
  duckdb: async (url) => `duckdb:${await realFile(parseDuckDbUrl(url).path)}`,
  timestream: (url) => {
    const { database, table } = parseTimestreamUrl(url);
    return `timestream://${database}/${table}`;
  },
  'influx+http': influxPlace,
  'influx+https': influxPlace,
};

/**
 * Where the points of a store's URL lie, as text without credentials and tuning: two URLs of one place give the same. For people, and for
 * telling whether two stores are one. Rejects with the `StoreConfigError` that `openStore` would.
 */
export async function storePlace(url: string): Promise<string> {
  const scheme = storeScheme(url);
  const place = Object.hasOwn(PLACES, scheme) ? PLACES[scheme] : undefined;
  if (place === undefined) {
    throw new StoreConfigError([
      `its scheme is one of ${STORE_SCHEMES.map((name) => `${name}:`).join(', ')}`,
    ]);
  }
  return place(url);
}

function influxPlace(url: string): string {
  const { origin, database, retentionPolicy, measurement } = parseInfluxUrl(url);
  const policy = retentionPolicy === undefined ? '' : `&rp=${encodeURIComponent(retentionPolicy)}`;
  return `influx+${origin}/${encodeURIComponent(database)}?measurement=${measurement}${policy}`;
}

/** The file itself, whatever links lead to it; a file that is not there yet lies in its folder as far as that is there. */
async function realFile(path: string): Promise<string> {
  if (path === IN_MEMORY) return path;
  const full = resolve(path);
  const folder = () => realpath(dirname(full)).catch(() => dirname(full));
  return realpath(full).catch(async () => join(await folder(), basename(full)));
}
