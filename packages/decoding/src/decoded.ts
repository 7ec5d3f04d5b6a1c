import type { RejectReason } from '@furrow/contracts';

/** What became of one reading: its value (finite, never −0), or why it could not become one. */
export type Decoded =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly reason: RejectReason; readonly message: string };

export function decoded(value: number): Decoded {
  if (Number.isFinite(value)) return { ok: true, value };
  return failed('not_finite', `the value is ${value}: beyond what a double holds`);
}

export function failed(reason: RejectReason, message: string): Decoded & { ok: false } {
  return { ok: false, reason, message };
}
