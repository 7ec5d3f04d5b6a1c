import { REJECT_REASON_CODES } from '@furrow/contracts';
import { type KeptFilter, UNKNOWN_REASON } from '@furrow/queue';
import { UsageError } from '../errors.ts';
import type { FilterFlags } from './quarantine-flags.ts';

const REASONS: readonly string[] = [...REJECT_REASON_CODES, UNKNOWN_REASON];

/**
 * The filter of the flags, ages counted back from `now`. Throws {@link UsageError} for reasons that there are not, and for
 * flags that no message can fulfil.
 */
export function filterOf(flags: FilterFlags, now: number): KeptFilter {
  const { deadLetter, reason, org, device, olderThan, newerThan, redriveId } = flags;
  if (deadLetter && reason) {
    throw new UsageError('--reason does not go with --dead-letter: nobody has judged a dead letter');
  }
  if (olderThan !== undefined && newerThan !== undefined && newerThan <= olderThan) {
    throw new UsageError(
      '--newer-than must be a longer time than --older-than, or nothing lies between them',
    );
  }
  const unknown = reason?.find((code) => !REASONS.includes(code));
  if (unknown !== undefined)
    throw new UsageError(`--reason ${unknown}: the reasons are ${REASONS.join(', ')}`);
  return {
    ...(reason && { reasons: reason }),
    ...(org !== undefined && { orgId: org }),
    ...(device !== undefined && { device }),
    ...(olderThan !== undefined && { before: now - olderThan }),
    ...(newerThan !== undefined && { after: now - newerThan }),
    ...(redriveId !== undefined && { redriveId }),
  };
}
