const MIB = 1_048_576;

/** What a worker may hold, and for how long. */
export interface WorkerLimits {
  /** Most bytes of messages in hand, with what the receives under way are expected to bring. */
  readonly maxBytesInHand: number;
  /** Most bytes of messages that are parsed, decoded or waiting for the store at once; in memory they are about ten times as large. */
  readonly maxBytesAtWork: number;
  /** How long a message is held for a part that is out before it goes back to the queue, in milliseconds; below SQS's 12 hours. */
  readonly holdMs: number;
  /** Refused messages of one device that are quarantined whole in each window; 0 quarantines all, always. */
  readonly rejectBudget: number;
  /** Of the refused messages over the budget, one in this many is quarantined. */
  readonly rejectKeepOneIn: number;
  readonly rejectWindowMs: number;
}

export const DEFAULT_LIMITS: WorkerLimits = {
  maxBytesInHand: 16 * MIB,
  maxBytesAtWork: 4 * MIB,
  holdMs: 3_600_000,
  rejectBudget: 1_000,
  rejectKeepOneIn: 100,
  rejectWindowMs: 600_000,
};
