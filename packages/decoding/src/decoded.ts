import type { RejectReason } from '@furrow/contracts';

/** Why a reading could not become a value. */
export interface DecodeFailure {
  readonly ok: false;
  readonly reason: RejectReason;
  readonly message: string;
}

/** What became of one reading: its value (finite, never −0), or why it could not become one. */
export type Decoded =
  | {
      readonly ok: true;
      readonly value: number;
      /** There when the raw number is a whole number beyond 2^53 and `value` is only the double nearest to the result. */
      readonly inexact?: true;
      /** What the raw number stands for, where the factor has a label for it. */
      readonly label?: string;
    }
  | DecodeFailure;

export function failed(reason: RejectReason, message: string): DecodeFailure {
  return { ok: false, reason, message };
}
