import { RETENTION_DAYS, RETENTION_MS } from '@furrow/contracts';
import { StoreSetupError } from '../errors.ts';
import { retentionFloor } from '../point-rules.ts';
import type { InfluxClient } from './client.ts';
import type { InfluxConfig } from './config.ts';
import { missingError } from './errors.ts';
import { identifier, timeRange } from './influxql.ts';
import { double, encodeLine } from './line-protocol.ts';
import type { InfluxServer } from './server.ts';

const HOUR_MS = 3_600_000;
/** Days that an own policy keeps: one more than is read, so that a server whose clock is ahead drops nothing early. */
const KEPT_DAYS = RETENTION_DAYS + 1;

/**
 * Makes sure that there is a place to write to. On 1.x the retention policy is created, or made longer when it keeps less than 90 days; a
 * longer one is left as it is. On 2.x and 3.x the policies that InfluxQL shows are placeholders: only that the database is there is
 * checked, and `checkKeeping` finds out the rest. Rejects with `StoreSetupError`.
 */
export async function ensurePlace(
  client: InfluxClient,
  server: InfluxServer,
  config: InfluxConfig,
): Promise<void> {
  const [series] = await client.query(server, `SHOW RETENTION POLICIES ON ${identifier(config.database)}`);
  const policies = series?.rows ?? [];
  if (server.major === 3) return;
  const policy = policies.find(({ name }) => name === server.retentionPolicy);
  if (server.major === 2) {
    // A database without a mapping shows no policy; which of several is taken without `rp` is the one marked as default.
    const usable =
      server.retentionPolicy === undefined ? policies.some((one) => one['default'] === true) : policy;
    if (!usable) throw missingError(config, 'no DBRP mapping is shown');
    return;
  }
  const place = `${identifier(server.retentionPolicy ?? '')} ON ${identifier(config.database)}`;
  if (policy === undefined) {
    await change(client, server, `CREATE RETENTION POLICY ${place} DURATION ${KEPT_DAYS}d REPLICATION 1`);
  } else if (keptMs(policy['duration']) < RETENTION_MS) {
    await change(client, server, `ALTER RETENTION POLICY ${place} DURATION ${KEPT_DAYS}d`);
  }
}

/**
 * Writes a point almost 90 days old and reads it back: proof of both permissions, and that the server keeps points as long as they are
 * read, whatever it says of itself. The point lies in a measurement of its own, one for each hour in which this is called. Rejects with
 * `StoreSetupError` when the point does not come back.
 */
export async function checkKeeping(
  client: InfluxClient,
  server: InfluxServer,
  config: InfluxConfig,
  nowMs: number,
): Promise<void> {
  const measurement = `${config.measurement}_probe`;
  const t = (Math.floor(retentionFloor(nowMs) / HOUR_MS) + 2) * HOUR_MS;
  const answer = await client.write(server, [encodeLine(measurement, [], [['value', double(1)]], t)], 0);
  const statement = `SELECT "value" FROM ${identifier(measurement)} WHERE ${timeRange(t, t)} LIMIT 1`;
  const [series] = answer.kind === 'written' ? await client.query(server, statement) : [];
  if (series?.rows.length === 1) return;
  const said = answer.kind === 'written' ? 'it took one and did not give it back' : answer.refusal.message;
  throw new StoreSetupError([
    `InfluxDB at ${config.origin} does not keep points of database ${identifier(config.database)} for ${RETENTION_DAYS} days (${said}); ${LONGER[server.major]}`,
  ]);
}

/** How the time that points are kept is made longer, by hand. */
const LONGER = {
  1: `on 1.x: ALTER RETENTION POLICY … DURATION ${KEPT_DAYS}d`,
  2: `on 2.x: influx bucket update --id … --retention ${KEPT_DAYS * 24}h`,
  3: `on 3.x: influxdb3 create database --retention-period ${KEPT_DAYS}d (Core cannot change it later)`,
} as const;

async function change(client: InfluxClient, server: InfluxServer, statement: string): Promise<void> {
  try {
    await client.query(server, statement);
  } catch (cause) {
    if (!(cause instanceof StoreSetupError)) throw cause;
    throw new StoreSetupError([...cause.problems, `only an administrator may run it: ${statement}`], {
      cause,
    });
  }
}

/** A duration as Go writes it (`2160h0m0s`), in milliseconds; no end for `0s`, and nothing at all for what cannot be read. */
function keptMs(duration: unknown): number {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(String(duration));
  if (match === null) return 0;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1_000;
  return ms === 0 ? Number.POSITIVE_INFINITY : ms;
}
