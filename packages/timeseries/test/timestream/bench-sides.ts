import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import {
  TimestreamWriteClient,
  WriteRecordsCommand,
  type WriteRecordsCommandInput,
} from '@aws-sdk/client-timestream-write';
import type { Point } from '@furrow/contracts';
import { TimestreamStore } from '@furrow/timeseries/timestream';
import { encodeCall } from '../../src/timestream/encode-call.ts';
import { billedBytes, type WireCall } from './fake/fake-table.ts';
import { CREDENTIALS } from './fake/signature.ts';

/** Where the benchmark writes; nothing of that name is asked anything. */
export const TARGET = { database: 'furrow', table: 'points' };

type OnRequest = ((body: string) => void) | undefined;

/** A service that takes everything at once, in this process: what is measured is the client's own work, signature included. */
function instantService(onRequest: OnRequest) {
  const body = Buffer.from('{"RecordsIngested":{"Total":1}}');
  return {
    async handle(request: { readonly body?: unknown }) {
      onRequest?.(String(request.body));
      return { response: { statusCode: 200, headers: {}, body } };
    },
    metadata: { handlerProtocol: 'http/1.1' },
  };
}

function settings(onRequest: OnRequest) {
  return {
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:1',
    credentials: CREDENTIALS,
    requestHandler: instantService(onRequest) as never,
  };
}

/** The engine on a service that answers at once. */
export function engineSide(onRequest?: OnRequest): TimestreamStore {
  const clients = {
    write: new TimestreamWriteClient(settings(onRequest)),
    query: new TimestreamQueryClient(settings(onRequest)),
  };
  return new TimestreamStore(clients, { ...TARGET, writers: 32, readers: 4 });
}

/** The same calls through the SDK's own serialiser: the records as objects, with the same common attributes. */
export function sdkSide() {
  const client = new TimestreamWriteClient(settings(undefined));
  return async (points: readonly Point[]): Promise<void> => {
    for (let start = 0; start < points.length; start += 100) {
      await client.send(new WriteRecordsCommand(toInput(points.slice(start, start + 100))));
    }
  };
}

/** Bytes that a call of these points is billed for, in whole KiB, with common attributes. */
export function billedKib(body: string): number {
  return Math.ceil(billedBytes(JSON.parse(body) as WireCall) / 1024);
}

/** The body of one call with one record. */
export function singleBody(point: Point): string {
  return encodeCall(TARGET, [point]);
}

function toInput(points: readonly Point[]): WriteRecordsCommandInput {
  const [first] = points;
  if (first === undefined) throw new RangeError('a call has at least one record');
  return {
    DatabaseName: TARGET.database,
    TableName: TARGET.table,
    CommonAttributes: {
      Dimensions: [
        { Name: 'org_id', Value: first.orgId },
        { Name: 'project_id', Value: first.projectId },
        { Name: 'device', Value: first.device },
      ],
      MeasureName: first.theType,
      MeasureValueType: 'MULTI',
      TimeUnit: 'SECONDS',
      Version: first.version,
    },
    Records: points.map(({ agriId, t, value, version }) => ({
      Dimensions: [{ Name: 'agri_id', Value: agriId }],
      Time: String(t / 1000),
      MeasureValues: [
        { Name: 'value', Value: String(value), Type: 'DOUBLE' },
        { Name: 'version', Value: String(version), Type: 'BIGINT' },
      ],
    })),
  };
}
