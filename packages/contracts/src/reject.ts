import type { AgriId } from './agri-id.ts';

/**
 * Why a message or a reading is refused for good: the closed list, each with the sentence that people read. The code is
 * the metric label, the key in the ledger and the `reason` of a quarantined message. A refusal is final: sending the same
 * bytes again gives the same answer, unless a factor, a device or the clock changed in between.
 */
export const REJECT_REASONS = {
  malformed_json: 'The message is not JSON in UTF-8.',
  schema_invalid: 'The message, or a part of it, does not have the form of an uplink.',
  prefix_mismatch: 'The reading does not belong to the device that sent it.',
  unknown_device: 'No device of this organization has this agri_id.',
  device_blocked: 'The device may not relay data: it is blocked (allow = false) or bound to no project.',
  unknown_factor: 'The device has no factor with this agri_id.',
  factor_disabled: 'The factor is switched off.',
  frame_crc: 'The checksum of the Modbus frame is wrong.',
  frame_malformed: 'The bytes are not one well-formed Modbus frame.',
  frame_exception: 'The Modbus device answered with an exception.',
  frame_function: 'The Modbus function of the frame carries no readings.',
  frame_unmatched: 'No factor of the device lies inside the registers of the frame.',
  decode_failed: 'The reading cannot be decoded as its factor says.',
  no_reading: 'The gateway had no reading to send.',
  not_finite: 'The reading is NaN or infinite.',
  out_of_range: 'The value lies outside the plausible range of its factor.',
  too_old: 'The reading is older than the retention of 90 days.',
  in_future: 'The time of the reading is more than 15 minutes ahead.',
  bad_timestamp: 'The time of the reading is in no accepted form.',
  store_rejected: 'The time-series store refused the point.',
} as const;

export type RejectReason = keyof typeof REJECT_REASONS;

/** The codes in the order of the list above. */
export const REJECT_REASON_CODES = Object.keys(REJECT_REASONS) as readonly RejectReason[];

/**
 * One refusal. `message` says which rule was broken, in this case; `path` says where in the uplink (`items[3].value`,
 * `frames[0]`, empty for the message as a whole); `received` shows what stood there, shortened.
 */
export interface Reject {
  readonly reason: RejectReason;
  readonly message: string;
  readonly path: string;
  readonly agriId?: AgriId;
  readonly received?: string;
}
