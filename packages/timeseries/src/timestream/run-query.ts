import { CancelQueryCommand, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-timestream-query';
import { StoreUnavailableError } from '../errors.ts';
import type { StoreEvent } from '../point-store.ts';
import { type Cells, cellsOf } from './cells.ts';
import type { QueryClient } from './clients.ts';

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

/** Sends one request for a page; its signal is the sender's affair. */
export type SendQuery = (command: QueryCommand) => Promise<QueryCommandOutput>;

/**
 * Runs a statement and gathers its rows over all its pages. When `signal` fires, the request under way is dropped and the query
 * cancelled. Rejects as `queryPages` does.
 */
export async function runQuery(
  client: QueryClient,
  query: QueryRun,
  onEvent: (event: StoreEvent) => void,
  signal: AbortSignal,
): Promise<Cells[]> {
  const rows: Cells[] = [];
  const send: SendQuery = (command) => client.send(command, { abortSignal: signal });
  for await (const page of queryPages(client, query, onEvent, send)) rows.push(...page);
  return rows;
}

/**
 * Runs a statement and gives its rows page by page: while the service computes it answers with a token and no rows, and only an
 * answer without a token is the last. A query that is left before its end, by a failed request or by a caller who has enough, is
 * cancelled, so that it costs no more; one whose first answer has not come yet has no id to cancel it by. A table without columns gives
 * no rows. Rejects with what `send` rejects with, or a `StoreUnavailableError` for answers that cannot be right.
 */
export async function* queryPages(
  client: QueryClient,
  { statement, operation, mostRows }: QueryRun,
  onEvent: (event: StoreEvent) => void,
  send: SendQuery,
): AsyncGenerator<Cells[]> {
  const startedAt = performance.now();
  let cost = { bytesScanned: 0, bytesMetered: 0 };
  let queryId: string | undefined;
  let isDone = false;
  let pages = 0;
  let rows = 0;
  try {
    let token: string | undefined;
    do {
      if (pages >= MOST_PAGES) throw new StoreUnavailableError(`A query gave more than ${MOST_PAGES} pages.`);
      const page = await send(
        new QueryCommand({ QueryString: statement, ...(token && { NextToken: token }) }),
      );
      pages += 1;
      queryId = page.QueryId ?? queryId;
      cost = {
        bytesScanned: page.QueryStatus?.CumulativeBytesScanned ?? cost.bytesScanned,
        bytesMetered: page.QueryStatus?.CumulativeBytesMetered ?? cost.bytesMetered,
      };
      const found = (page.Rows ?? []).map(cellsOf);
      rows += found.length;
      if (rows > mostRows) throw new StoreUnavailableError(`A query gave more than ${mostRows} rows.`);
      token = page.NextToken;
      isDone = token === undefined;
      yield found;
    } while (token !== undefined);
  } catch (cause) {
    if (!isUnknownColumn(cause)) throw cause;
    isDone = true;
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
  if (cause instanceof StoreUnavailableError) return isUnknownColumn(cause.cause);
  return cause instanceof Error && cause.name === 'ValidationException' && NO_SUCH_COLUMN.test(cause.message);
}
