import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeSql } from './fake-sql.ts';
import { FakeTable, type StoredRow, type TableSetup } from './fake-table.ts';
import { type FakeCall, type Fault, ServiceError, validation } from './faults.ts';
import { isSigned } from './signature.ts';

export interface FakeOptions extends Partial<TableSetup> {
  readonly database?: string;
  readonly table?: string;
  /** The service's clock, in milliseconds since 1970. */
  readonly now?: () => number;
  /** Rows on one page of a query's answer; the real one fills 1 MB. */
  readonly pageRows?: number;
  /** Answers without rows that come before the first rows, as while the service computes. */
  readonly emptyPages?: number;
  /** Host that DescribeEndpoints names; its own by default. */
  readonly cellAddress?: string;
  /** False forgets the bodies and the order of calls, for a run of hours; true by default. */
  readonly keepsCalls?: boolean;
}

interface OpenQuery {
  readonly statement: string;
  readonly rows: readonly (readonly string[])[];
  readonly bytesScanned: number;
  emptyPagesLeft: number;
  position: number;
  page: number;
  token: string;
  uses: number;
}

const TARGET = /^Timestream_20181101\.(\w+)$/;
const MOST_TOKEN_USES = 5;
const MINIMUM_METERED_BYTES = 10_000_000;

/**
 * Amazon Timestream for LiveAnalytics, as far as the engine sees it: one database with one table, the write and the query service on one
 * loopback port, over real HTTP in AWS JSON 1.0 (`x-amz-target`, `__type`), with every signature checked against the body that came.
 *
 * Faithful to the documents of the service, under https://docs.aws.amazon.com/timestream/latest/developerguide/ :
 * - `WriteRecords` (API_WriteRecords.html, API_Record.html, API_RejectedRecord.html, ts-limits.html): see `FakeTable`.
 * - `DescribeTable` (API_DescribeTable.html), `DescribeEndpoints` (API_DescribeEndpoints.html, Using-API.endpoint-discovery.html).
 * - `Query` (API_query_Query.html): pages, a token that serves at most five calls and dies when the next is used, first answers without
 *   rows, statements run as SQL (see `FakeSql`), columns unknown until the first record, cumulative bytes.
 * - `CancelQuery` (API_query_CancelQuery.html).
 *
 * Not like the service: what is written shows at once; there is one table, no partitions and no limits of rate of its own, only those
 * that a test sets through `fault`; the words of most messages are made up; nothing here was compared with the real service.
 */
export class FakeTimestream {
  readonly table: FakeTable;
  /** Decides for each call whether something goes wrong. */
  fault: (call: FakeCall) => Fault | undefined = () => undefined;
  /** How long each call takes at least, in milliseconds. */
  latencyMs: (operation: string) => number = () => 0;
  /** Decides for each record, by the number of its call, its place in it and itself, why the service refuses it for good, if it does. */
  refuses: (call: number, index: number, row: StoredRow) => string | undefined = () => undefined;
  /** Every call: its operation, in order of arrival. */
  readonly calls: string[] = [];
  readonly bodies: string[] = [];
  readonly statements: string[] = [];
  readonly cancelled: string[] = [];
  /** Most `WriteRecords` calls that were under way at one time. */
  mostConcurrent = 0;
  readonly #options: FakeOptions;
  readonly #database: string;
  readonly #tableName: string;
  readonly #sql: FakeSql;
  readonly #server: Server;
  readonly #queries = new Map<string, OpenQuery>();
  readonly #counts = new Map<string, number>();
  #concurrent = 0;

  private constructor(options: FakeOptions) {
    const { memoryHours = 24, magneticDays = 89, magneticWrites = true, now = Date.now } = options;
    this.#options = options;
    this.#database = options.database ?? 'furrow';
    this.#tableName = options.table ?? 'points';
    this.table = new FakeTable({ memoryHours, magneticDays, magneticWrites }, now);
    this.#sql = new FakeSql(this.#database, this.#tableName);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: FakeOptions = {}): Promise<FakeTimestream> {
    const fake = new FakeTimestream(options);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get #keepsCalls(): boolean {
    return this.#options.keepsCalls ?? true;
  }

  /** How often an operation was called. */
  count(operation: string): number {
    return this.#counts.get(operation) ?? 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#sql.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const operation = TARGET.exec(String(request.headers['x-amz-target']))?.[1] ?? '';
    const fault = this.fault({ operation, nth: this.count(operation) });
    this.#counts.set(operation, this.count(operation) + 1);
    if (this.#keepsCalls) this.calls.push(operation);
    const isWrite = operation === 'WriteRecords';
    if (isWrite) this.mostConcurrent = Math.max(this.mostConcurrent, ++this.#concurrent);
    try {
      if (!isSigned(request, body)) throw new ServiceError('InvalidSignatureException', 403, 'bad signature');
      const waitMs = this.latencyMs(operation) + (fault?.kind === 'delay' ? fault.ms : 0);
      if (waitMs > 0) await sleep(waitMs);
      if (fault !== undefined && fault.kind !== 'delay' && fault.after !== true) return fail(response, fault);
      const answer = await this.#answer(operation, body.toString('utf8'));
      if (fault !== undefined && fault.kind !== 'delay') return fail(response, fault);
      send(response, 200, answer);
    } catch (error) {
      if (fault !== undefined && fault.kind !== 'delay') return fail(response, fault);
      const { type, status, message, fields } =
        error instanceof ServiceError
          ? error
          : new ServiceError('InternalServerException', 500, `the fake failed: ${error}`);
      send(response, status, {
        __type: `com.amazonaws.timestream.v20181101#${type}`,
        message,
        ...fields,
      });
    } finally {
      if (isWrite) this.#concurrent -= 1;
    }
  }

  async #answer(operation: string, body: string): Promise<object> {
    const input = JSON.parse(body) as Record<string, unknown>;
    switch (operation) {
      case 'DescribeEndpoints': {
        const Address = this.#options.cellAddress ?? `127.0.0.1:${this.port}`;
        return { Endpoints: [{ Address, CachePeriodInMinutes: 1440 }] };
      }
      case 'DescribeTable':
        return this.#describeTable(input);
      case 'WriteRecords': {
        this.#find(input);
        if (this.#keepsCalls) this.bodies.push(body);
        const call = this.count('WriteRecords') - 1;
        return this.table.write(input, (index, row) => this.refuses(call, index, row));
      }
      case 'Query':
        return this.#query(input);
      case 'CancelQuery':
        this.#queries.delete(String(input['QueryId']));
        this.cancelled.push(String(input['QueryId']));
        return { CancellationMessage: 'cancelled' };
      default:
        throw new ServiceError('UnknownOperationException', 400, `no operation ${operation}`);
    }
  }

  #find(input: Record<string, unknown>): void {
    if (input['DatabaseName'] !== this.#database) {
      throw new ServiceError(
        'ResourceNotFoundException',
        404,
        `The database ${input['DatabaseName']} does not exist.`,
      );
    }
    if (input['TableName'] !== this.#tableName) {
      throw new ServiceError(
        'ResourceNotFoundException',
        404,
        `The table ${input['TableName']} does not exist.`,
      );
    }
  }

  #describeTable(input: Record<string, unknown>): object {
    this.#find(input);
    const { memoryHours, magneticDays, magneticWrites } = this.table.setup;
    return {
      Table: {
        DatabaseName: this.#database,
        TableName: this.#tableName,
        TableStatus: 'ACTIVE',
        RetentionProperties: {
          MemoryStoreRetentionPeriodInHours: memoryHours,
          MagneticStoreRetentionPeriodInDays: magneticDays,
        },
        MagneticStoreWriteProperties: { EnableMagneticStoreWrites: magneticWrites },
      },
    };
  }

  async #query(input: Record<string, unknown>): Promise<object> {
    const statement = String(input['QueryString']);
    const token = input['NextToken'];
    if (token !== undefined) return this.#page(this.#queryOf(String(token), statement));
    // Before anything is waited for: queries at the same time have ids of their own.
    const id = `QUERY${this.statements.push(statement)}`;
    const { rows, bytesScanned } = await this.#sql.run(statement, this.table);
    const open = {
      statement,
      rows,
      bytesScanned,
      emptyPagesLeft: this.#options.emptyPages ?? 1,
      position: 0,
      page: 0,
      token: `${id}/0`,
      uses: 0,
    };
    this.#queries.set(id, open);
    return this.#page(open);
  }

  #queryOf(token: string, statement: string): OpenQuery {
    const open = this.#queries.get(token.split('/')[0] ?? '');
    if (open === undefined || open.token !== token || open.statement !== statement) {
      throw validation('Invalid pagination token');
    }
    open.uses += 1;
    if (open.uses > MOST_TOKEN_USES) throw validation('Invalid pagination token');
    return open;
  }

  #page(open: OpenQuery): object {
    const id = open.token.split('/')[0] ?? '';
    const isEmpty = open.emptyPagesLeft > 0;
    if (isEmpty) open.emptyPagesLeft -= 1;
    const size = isEmpty ? 0 : (this.#options.pageRows ?? 1_000);
    const rows = open.rows.slice(open.position, open.position + size);
    open.position += rows.length;
    const isLast = !isEmpty && open.position >= open.rows.length;
    open.page += 1;
    open.token = `${id}/${open.page}`;
    open.uses = 0;
    return {
      QueryId: id,
      ...(isLast ? {} : { NextToken: open.token }),
      Rows: rows.map((cells) => ({ Data: cells.map((ScalarValue) => ({ ScalarValue })) })),
      ColumnInfo: [],
      QueryStatus: {
        ProgressPercentage: isLast ? 100 : 50,
        CumulativeBytesScanned: open.bytesScanned,
        CumulativeBytesMetered: Math.max(MINIMUM_METERED_BYTES, open.bytesScanned),
      },
    };
  }
}

function fail(response: ServerResponse, fault: Exclude<Fault, { kind: 'delay' }>): void {
  if (fault.kind === 'drop') response.destroy();
  else {
    send(response, fault.status, {
      __type: `com.amazonaws.timestream.v20181101#${fault.type}`,
      message: fault.message,
    });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(body));
}
