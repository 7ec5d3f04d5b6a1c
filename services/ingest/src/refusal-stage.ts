import type { Reject, RejectReason } from '@furrow/contracts';
import type { QuarantineStage } from '@furrow/queue';

/** The stage of the pipeline at which each reason is found. */
const STAGE_OF: Readonly<Record<RejectReason, QuarantineStage>> = {
  malformed_json: 'parse',
  schema_invalid: 'parse',
  prefix_mismatch: 'authorize',
  unknown_device: 'authorize',
  device_blocked: 'authorize',
  unknown_factor: 'authorize',
  factor_disabled: 'authorize',
  frame_crc: 'decode',
  frame_malformed: 'decode',
  frame_exception: 'decode',
  frame_function: 'decode',
  frame_unmatched: 'decode',
  decode_failed: 'decode',
  no_reading: 'decode',
  not_finite: 'decode',
  out_of_range: 'decode',
  too_old: 'time',
  in_future: 'time',
  bad_timestamp: 'time',
  store_rejected: 'write',
};

/** The one stage at which all of them were refused, or `mixed`. */
export function refusalStage(rejects: readonly Reject[]): QuarantineStage {
  const stages = new Set(rejects.map(({ reason }) => STAGE_OF[reason]));
  const [first] = stages;
  return first !== undefined && stages.size === 1 ? first : 'mixed';
}
