import { CancelQueryCommand, QueryCommand, type Row } from '@aws-sdk/client-timestream-query';
import { StoreUnavailableError } from '../errors.ts';
import type { StoreEvent } from '../point-store.ts';
import type { QueryClient } from './clients.ts';

/** A row's cells in the order of the statement's columns. */
export type Cells = readonly string[];

export interface QueryRun {
  readonly statement: string;
  readonly operation: Extract<StoreEvent, { kind: 'query' }>['operation'];
  /** More rows than this are a mistake, never an answer. */
  readonly mostRows: number;
}

/** Answers of one query, empty ones among them. A million rows come in some hundred. */
const MOST_PAGES = 5_000;
/** What the service says of a table that nothing was written to yet: it learns its columns from the first records. */
const NO_SUCH_COLUMN = /Column '[^']+' does not exist/;

/**
 * Runs a statement and gathers its rows over all its pages: while the service computes it answers with a token and no rows, and only an
 * answer without a token is the last. When `signal` fires, the request under way is dropped and the query is cancelled, so
 * that it costs no more; a query whose first answer has not come yet has no id to cancel it by. A table without columns gives no
 * rows. Rejects with what the SDK rejects with, or a `StoreUnavailableError` for answers that cannot be right.
 */
export async function runQuery(
  client: QueryClient,
  { statement, operation, mostRows }: QueryRun,
  onEvent: (event: StoreEvent) => void,
  signal: AbortSignal,
): Promise<Cells[]> {
  const startedAt = performance.now();
  const rows: Cells[] = [];
  let cost = { bytesScanned: 0, bytesMetered: 0 };
  let queryId: string | undefined;
  let isDone = false;
  let pages = 0;
  try {
    let token: string | undefined;
    do {
      if (pages >= MOST_PAGES) throw new StoreUnavailableError(`A query gave more than ${MOST_PAGES} pages.`);
      const command = new QueryCommand({ QueryString: statement, ...(token && { NextToken: token }) });
      const page = await client.send(command, { abortSignal: signal });
      pages += 1;
      queryId = page.QueryId ?? queryId;
      cost = {
        bytesScanned: page.QueryStatus?.CumulativeBytesScanned ?? cost.bytesScanned,
        bytesMetered: page.QueryStatus?.CumulativeBytesMetered ?? cost.bytesMetered,
      };
      for (const row of page.Rows ?? []) rows.push(cellsOf(row));
      if (rows.length > mostRows) {
        throw new StoreUnavailableError(`A query gave more than ${mostRows} rows.`);
      }
      token = page.NextToken;
    } while (token !== undefined);
    isDone = true;
    return rows;
  } catch (cause) {
    if (!isUnknownColumn(cause)) throw cause;
    isDone = true;
    return [];
  } finally {
    if (!isDone && queryId !== undefined) cancel(client, queryId);
    onEvent({ kind: 'query', operation, ...cost, pages, durationMs: performance.now() - startedAt });
  }
}

/** Tells the service to stop; whether that works changes nothing here. */
function cancel(client: QueryClient, queryId: string): void {
  client.send(new CancelQueryCommand({ QueryId: queryId })).catch(() => undefined);
}

function isUnknownColumn(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'ValidationException' && NO_SUCH_COLUMN.test(cause.message);
}

function cellsOf(row: Row): Cells {
  return (row.Data ?? []).map(({ ScalarValue }) => {
    if (ScalarValue === undefined) throw new StoreUnavailableError('A query gave a cell without a value.');
    return ScalarValue;
  });
}
