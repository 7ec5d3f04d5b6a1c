import type { Point } from '@furrow/contracts';
import type { Refusal } from './write-tally.ts';

/** The fields of the SDK's `RejectedRecord`. */
interface RejectedRecord {
  readonly RecordIndex?: number | undefined;
  readonly Reason?: string | undefined;
  readonly ExistingVersion?: number | undefined;
}

/**
 * What a `RejectedRecordsException` says of the call's points, by position; undefined for any other failure, and for one that
 * lists nothing, after which nothing is known of the call. Every record that is not listed was written.
 *
 * A record with an `ExistingVersion` met a stored one: the same version or a higher one there means that the point has its durable
 * outcome. See https://docs.aws.amazon.com/timestream/latest/developerguide/API_RejectedRecord.html
 */
export function readRefusals(
  error: unknown,
  points: readonly Point[],
): ReadonlyMap<number, Refusal> | undefined {
  if (!isRejection(error) || error.RejectedRecords.length === 0) return undefined;
  const refusals = new Map<number, Refusal>();
  for (const record of error.RejectedRecords) {
    const position = record.RecordIndex;
    const point = position === undefined ? undefined : points[position];
    // A refusal of something that was not sent: no record of this call can be trusted to be written.
    if (position === undefined || point === undefined) return undefined;
    refusals.set(position, refusalOf(record, point));
  }
  return refusals;
}

function refusalOf({ Reason, ExistingVersion }: RejectedRecord, point: Point): Refusal {
  const message = `Timestream refused it: ${Reason ?? 'without a reason'}`;
  if (ExistingVersion === undefined) return { kind: 'rejected', message };
  return ExistingVersion >= point.version ? { kind: 'stored' } : { kind: 'unclear', message };
}

function isRejection(error: unknown): error is { readonly RejectedRecords: readonly RejectedRecord[] } {
  return (
    error instanceof Error &&
    error.name === 'RejectedRecordsException' &&
    'RejectedRecords' in error &&
    Array.isArray(error.RejectedRecords)
  );
}
