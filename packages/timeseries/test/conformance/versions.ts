import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './run-suite.ts';

/** What version of each engine was tested, by its name; those that are not reached are left out. */
export async function findVersions(): Promise<Map<string, string>> {
  const duckdb = `@duckdb/node-api ${await pinned('@duckdb/node-api')}`;
  const sdk = `SDK ${await pinned('@aws-sdk/client-timestream-write')}`;
  const versions = new Map([
    ['DuckDB in memory', duckdb],
    ['DuckDB in a file', duckdb],
    ['Timestream (fake)', sdk],
    ['InfluxDB 1.x (fake)', 'says 1.8.10'],
    ['InfluxDB 2.x (fake)', 'says 2.7.11'],
    ['InfluxDB 3.x (fake)', 'says 3.2.1'],
  ]);
  const { FURROW_TEST_INFLUX: influx, FURROW_TEST_VICTORIA: victoria, FURROW_TEST_MOTO: moto } = process.env;
  if (influx) {
    const { hostname, port } = new URL(influx);
    const answer = await fetch(`http://${hostname}:${port || '8086'}/ping`);
    versions.set('InfluxDB', answer.headers.get('x-influxdb-version') ?? 'unknown');
  }
  if (victoria) {
    const metrics = await (await fetch(`${victoria}/metrics`)).text();
    versions.set(
      'VictoriaMetrics',
      /vm_app_version\{[^}]*short_version="([^"]+)"/.exec(metrics)?.[1] ?? 'as packaged by Debian',
    );
  }
  if (moto) versions.set('moto', 'as pinned in `.ci/run`');
  return versions;
}

/** The version of a package that the room's own manifest names. */
async function pinned(name: string): Promise<string> {
  const manifest = join(ROOT, 'packages/timeseries/node_modules', name, 'package.json');
  return (JSON.parse(await readFile(manifest, 'utf8')) as { readonly version: string }).version;
}
