import type { AgriId } from '@furrow/contracts';
import { type HistoryPoint, MAX_PAGE_SIZE, openStore } from '@furrow/timeseries';
import { FakeTimestream } from '../../packages/timeseries/test/timestream/fake/fake-timestream.ts';
import { type Fault as CallFault, throttle } from '../../packages/timeseries/test/timestream/fake/faults.ts';
import { CREDENTIALS } from '../../packages/timeseries/test/timestream/fake/signature.ts';
import type { Random } from '../bench/random.ts';
import type { PointKey } from './sent-ledger.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** The share of writes that each kind of trouble hits. */
export class StoreFaults {
  readonly #shares = { throttles: 0, lostAnswers: 0 };
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  set(kind: 'throttles' | 'lostAnswers', share: number): void {
    this.#shares[kind] = share;
  }

  /** What happens to the next write. */
  next(): CallFault | undefined {
    if (this.#random() < this.#shares.throttles) return throttle;
    if (this.#random() < this.#shares.lostAnswers) return { kind: 'drop', after: true };
    return undefined;
  }

  calm(): void {
    this.set('throttles', 0);
    this.set('lostAnswers', 0);
  }
}

/** Why the store refuses a point that it is told to refuse. */
const REFUSAL = 'The record is refused by the chaos run.';
const URL_OF_STORE = 'timestream://furrow/points';

interface WireRecord {
  readonly Time?: string;
  readonly TimeUnit?: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
}

/** The Timestream fake behind a wire that can be cut: the store over HTTP of a chaos run. */
export class StoreSide {
  readonly faults: StoreFaults;
  readonly line: TcpProxy;
  readonly #fake: FakeTimestream;

  private constructor(
    fake: FakeTimestream,
    line: TcpProxy,
    faults: StoreFaults,
    refused: ReadonlySet<PointKey>,
  ) {
    this.#fake = fake;
    this.line = line;
    this.faults = faults;
    fake.fault = ({ operation }) => {
      this.#trim();
      return operation === 'WriteRecords' ? faults.next() : undefined;
    };
    let last: { readonly body: string; readonly keys: readonly PointKey[] } = { body: '', keys: [] };
    fake.refuses = (_call, index) => {
      const body = fake.bodies.at(-1) ?? '';
      if (body !== last.body) last = { body, keys: keysOf(body) };
      return refused.has(last.keys[index] ?? '') ? REFUSAL : undefined;
    };
  }

  /** `refused`: the points that the store takes from nobody; it may grow during the run. */
  static async start(random: Random, refused: ReadonlySet<PointKey>): Promise<StoreSide> {
    const fake = await FakeTimestream.start({ pageRows: 10_000, emptyPages: 0 });
    const line = await TcpProxy.start({ host: '127.0.0.1', port: fake.port });
    return new StoreSide(fake, line, new StoreFaults(random), refused);
  }

  readonly url = URL_OF_STORE;

  /** The variables by which a process finds the store over the wire. */
  get env(): Record<string, string> {
    return environment(`http://127.0.0.1:${this.line.port}`);
  }

  /** Points in the store now. */
  get points(): number {
    return this.#fake.table.rows.size;
  }

  /** Every point of these factors, read as the API reads them but past the wire. */
  async histories(factors: readonly AgriId[]): Promise<Map<AgriId, HistoryPoint[]>> {
    Object.assign(process.env, environment(this.#fake.endpoint));
    const store = await openStore(URL_OF_STORE);
    try {
      const histories = new Map<AgriId, HistoryPoint[]>();
      for (const agriId of factors) {
        const all: HistoryPoint[] = [];
        for (let page = 1, total = 1; all.length < total; page += 1) {
          const answer = await store.history({ agriId, page, pageSize: MAX_PAGE_SIZE, minT: 0 });
          all.push(...answer.points);
          total = answer.points.length === 0 ? 0 : answer.total;
        }
        histories.set(agriId, all);
      }
      return histories;
    } finally {
      await store.close();
    }
  }

  async close(): Promise<void> {
    await this.line.close();
    await this.#fake.close();
  }

  /** The fake keeps every call for tests; over an hour that would be all of memory. */
  #trim(): void {
    for (const list of [this.#fake.calls, this.#fake.bodies, this.#fake.statements])
      if (list.length > 200) list.splice(0, list.length - 50);
  }
}

function environment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_TIMESTREAM_WRITE: endpoint,
    AWS_ENDPOINT_URL_TIMESTREAM_QUERY: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  };
}

/** The keys of the points in the body of a WriteRecords call, in their order. */
function keysOf(body: string): PointKey[] {
  const call = JSON.parse(body) as { CommonAttributes?: WireRecord; Records: WireRecord[] };
  return call.Records.map((record) => {
    const { Time, TimeUnit } = { ...call.CommonAttributes, ...record };
    const dimensions = [...(call.CommonAttributes?.Dimensions ?? []), ...(record.Dimensions ?? [])];
    const agriId = dimensions.find(({ Name }) => Name === 'agri_id')?.Value;
    return `${agriId}@${Number(Time) * (TimeUnit === 'SECONDS' ? 1000 : 1)}`;
  });
}
