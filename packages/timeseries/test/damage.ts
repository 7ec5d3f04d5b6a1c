import { DuckDBInstance } from '@duckdb/node-api';
import type { AgriId } from '@furrow/contracts';
import { DAY_MS, dayOf, partitionTable } from '../src/duckdb/partitions.ts';

/** What happens to a store behind its back. Times are milliseconds since 1970 UTC; the points are there. */
export interface Damage {
  remove(agriId: AgriId, t: number): Promise<void>;
  change(agriId: AgriId, t: number, value: number): Promise<void>;
  /** Puts the point there a second time. */
  double(agriId: AgriId, t: number): Promise<void>;
}

/** Damages a DuckDB file that no process has open. */
export function duckDbDamage(file: string): Damage {
  const run = async (agriId: AgriId, t: number, statement: (table: string, row: string) => string) => {
    const instance = await DuckDBInstance.create(file, { threads: '1' });
    const connection = await instance.connect();
    const day = dayOf(t);
    const row = `series = (SELECT id FROM series WHERE agri_id = '${agriId}') AND t = ${t - day * DAY_MS}`;
    const { rowsChanged } = await connection.run(statement(partitionTable(day), row));
    connection.closeSync();
    instance.closeSync();
    if (rowsChanged !== 1) throw new Error(`${rowsChanged} points of ${agriId} at ${t} were damaged, not 1`);
  };
  return {
    remove: (agriId, t) => run(agriId, t, (table, row) => `DELETE FROM ${table} WHERE ${row}`),
    change: (agriId, t, value) =>
      run(agriId, t, (table, row) => `UPDATE ${table} SET value = ${value} WHERE ${row}`),
    double: (agriId, t) =>
      run(
        agriId,
        t,
        (table, row) =>
          `INSERT INTO ${table} (slot, ms, value, lag) SELECT slot, ms, value, lag FROM ${table} WHERE ${row}`,
      ),
  };
}

/** Damages the points of an InfluxDB 1.x database at the `influx+http:` URL of a store. */
export function influxDamage(url: string): Damage {
  const { host, pathname, username, password } = new URL(url);
  const database = pathname.slice(1);
  const post = async (path: string, body: string | URLSearchParams) => {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const headers = username === '' ? {} : { authorization };
    const response = await fetch(`http://${host}${path}`, { method: 'POST', body, headers });
    const text = await response.text();
    if (!response.ok || text.includes('"error"')) throw new Error(`${path} answered ${text}`);
    return text;
  };
  const query = (q: string) => post('/query', new URLSearchParams({ q, db: database, epoch: 'ms' }));
  const write = (line: string) => post(`/write?db=${database}&precision=ms`, line);
  const point = async (agriId: AgriId, t: number) => {
    const answer = await query(
      `SELECT "value", "version" FROM "points" WHERE "agri_id" = '${agriId}' AND time = ${t}ms`,
    );
    const [, value, version] = JSON.parse(answer).results[0].series[0].values[0];
    return { value, version };
  };
  return {
    remove: async (agriId, t) =>
      void (await query(`DELETE FROM "points" WHERE "agri_id" = '${agriId}' AND time = ${t}ms`)),
    change: async (agriId, t, value) => void (await write(`points,agri_id=${agriId} value=${value} ${t}`)),
    // The same series holds one value for a time; what has another tag is another series.
    double: async (agriId, t) => {
      const { value, version } = await point(agriId, t);
      await write(`points,agri_id=${agriId},copy=yes value=${value},version=${version}i ${t}`);
    },
  };
}
