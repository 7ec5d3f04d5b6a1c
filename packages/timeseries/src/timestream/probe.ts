import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTableCommand, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import { agriId } from '@furrow/contracts';
import { StoreSetupError } from '../errors.ts';
import type { StoreEvent } from '../point-store.ts';
import type { TimestreamClients } from './clients.ts';
import type { Target } from './encode-call.ts';
import { readFailure, setupProblem, storeError, tableName } from './errors.ts';
import { VALUE } from './record-rules.ts';
import { retentionProblems } from './retention.ts';
import { runQuery } from './run-query.ts';
import { latestStatement } from './sql.ts';

const PROBE_ID = agriId('furrow-probe');
/** Far beyond the 15 minutes that the service takes: this record is always refused, and only after the permission was checked. */
const PROBE_AHEAD_MS = 400 * 86_400_000;
/** One account may describe tables about once a second, however many workers start: a throttle here is no fault of the setup. */
const THROTTLED_ATTEMPTS = 5;
const THROTTLED_WAIT_MS = 1_500;

/** What a probe asks with. */
export interface Probe {
  readonly clients: TimestreamClients;
  readonly target: Target;
  readonly nowMs: number;
  readonly onEvent: (event: StoreEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Asks each of the three things that the store will need, so that a missing one is known by name before the first point comes:
 * `DescribeTable` for the retention and the late writes, `WriteRecords` with a record that the service must refuse, `Query` over one
 * millisecond. Rejects with a `StoreSetupError` that lists every problem, or with a `StoreUnavailableError` or `StoreBusyError` when the
 * service could not be asked. Leaves nothing in the table.
 */
export async function probeTable(probe: Probe): Promise<void> {
  const name = tableName(probe.target);
  const checks = [
    { action: 'timestream:DescribeTable', ask: describeTable },
    { action: 'timestream:WriteRecords', ask: tryWriting },
    { action: 'timestream:Select', ask: tryReading },
  ];
  const problems = new Set<string>();
  const failures: { readonly action: string; readonly cause: unknown }[] = [];
  for (const { action, ask } of checks) {
    try {
      for (const problem of await patiently(probe, ask)) problems.add(problem);
    } catch (cause) {
      const failure = readFailure(cause);
      if (failure.kind === 'denied') problems.add(setupProblem(action, name, failure));
      else if (failure.kind === 'missing') problems.add(`there is no ${name}`);
      else failures.push({ action, cause });
    }
  }
  if (problems.size > 0) throw new StoreSetupError([...problems]);
  const [failure] = failures;
  if (failure !== undefined) throw storeError(failure.action, name, failure.cause, probe.signal);
}

type Ask = (probe: Probe) => Promise<readonly string[]>;

async function patiently(probe: Probe, ask: Ask): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask(probe);
    } catch (cause) {
      if (attempt >= THROTTLED_ATTEMPTS || readFailure(cause).kind !== 'throttled') throw cause;
      await sleep(THROTTLED_WAIT_MS * Math.random(), undefined, { signal: probe.signal });
    }
  }
}

async function describeTable({ clients, target, signal }: Probe): Promise<readonly string[]> {
  const command = new DescribeTableCommand({ DatabaseName: target.database, TableName: target.table });
  const { Table } = await clients.write.send(command, { abortSignal: signal });
  return Table === undefined ? [] : retentionProblems(Table, tableName(target));
}

async function tryWriting({ clients, target, nowMs, signal }: Probe): Promise<readonly string[]> {
  const record = {
    Dimensions: [{ Name: 'agri_id', Value: PROBE_ID }],
    MeasureName: 'probe',
    MeasureValueType: 'MULTI' as const,
    MeasureValues: [{ Name: VALUE, Value: '0', Type: 'DOUBLE' as const }],
    Time: String(nowMs + PROBE_AHEAD_MS),
  };
  const command = new WriteRecordsCommand({
    DatabaseName: target.database,
    TableName: target.table,
    Records: [record],
  });
  try {
    await clients.write.send(command, { abortSignal: signal });
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'RejectedRecordsException')) throw cause;
  }
  return [];
}

async function tryReading({ clients, target, nowMs, onEvent, signal }: Probe): Promise<readonly string[]> {
  const statement = latestStatement(target, PROBE_ID, { from: nowMs, to: nowMs }, 1);
  await runQuery(clients.query, { statement, operation: 'probe', mostRows: 1 }, onEvent, signal);
  return [];
}
