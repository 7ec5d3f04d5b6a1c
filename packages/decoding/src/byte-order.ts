import type { DataEndian } from '@furrow/contracts';

/** A byte order as two questions, which is all that any width needs. */
export interface ByteOrder {
  /** The least significant register comes first. */
  readonly wordsReversed: boolean;
  /** The least significant byte of each register comes first. */
  readonly bytesSwapped: boolean;
}

export const BYTE_ORDERS: Readonly<Record<DataEndian, ByteOrder>> = {
  ABCD: { wordsReversed: false, bytesSwapped: false },
  CDAB: { wordsReversed: true, bytesSwapped: false },
  BADC: { wordsReversed: false, bytesSwapped: true },
  DCBA: { wordsReversed: true, bytesSwapped: true },
};
