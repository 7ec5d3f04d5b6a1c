import { FakeTimestream } from '../../packages/timeseries/test/timestream/fake/fake-timestream.ts';
import { type Fault, throttle } from '../../packages/timeseries/test/timestream/fake/faults.ts';
import type { Random } from '../bench/random.ts';

/** What the service says of a point that it refuses. */
export const REFUSAL = 'The soak test refuses this record.';

const THROTTLED_SHARE = 0.3;
/** Answers that get lost after the records were written, so that the same call is sent again. */
const LOST_SHARE = 0.005;
const LOST: Fault = { kind: 'drop', after: true };
const LATENCY_MS = { least: 2, usual: 15, slow: 250, slowShare: 0.01 } as const;

/** How often each thing went wrong. */
export interface ServiceCounts {
  calls: number;
  throttled: number;
  lost: number;
}

export interface UnreliableOptions {
  readonly random: Random;
  readonly refuses: (agriId: string, t: number) => boolean;
  /** True while the service throttles every call. */
  readonly isOut: () => boolean;
}

/**
 * The Timestream fake as a service under strain: 30 % of the write calls are throttled, and all of them while it is out; a few answers
 * get lost after the work was done; every call takes a while, one in a hundred a long one; the points that `refuses` names are refused.
 */
export async function startUnreliableTimestream(
  options: UnreliableOptions,
): Promise<{ readonly fake: FakeTimestream; readonly counts: ServiceCounts }> {
  const { random, refuses, isOut } = options;
  const fake = await FakeTimestream.start({ keepsCalls: false, pageRows: 10_000, emptyPages: 0 });
  const counts: ServiceCounts = { calls: 0, throttled: 0, lost: 0 };
  fake.latencyMs = (operation) => {
    if (operation !== 'WriteRecords') return 0;
    const longest = random() < LATENCY_MS.slowShare ? LATENCY_MS.slow : LATENCY_MS.usual;
    return LATENCY_MS.least + random() * longest;
  };
  fake.fault = ({ operation }) => {
    if (operation !== 'WriteRecords') return undefined;
    counts.calls += 1;
    const dice = random();
    if (isOut() || dice < THROTTLED_SHARE) {
      counts.throttled += 1;
      return throttle;
    }
    if (dice >= THROTTLED_SHARE + LOST_SHARE) return undefined;
    counts.lost += 1;
    return LOST;
  };
  fake.refuses = (_call, _index, row) =>
    refuses(row.dimensions['agri_id'] ?? '', row.timeMs) ? REFUSAL : undefined;
  return { fake, counts };
}
