import type { RejectedPoint, WriteReport } from '../point-store.ts';

/** What the service said of one record that it did not write. */
export type Refusal =
  /** It is stored already with the same or a higher version. */
  | { readonly kind: 'stored' }
  /** It cannot be stored. */
  | { readonly kind: 'rejected'; readonly message: string }
  /** The answer does not fit what was sent; only another try can tell. */
  | { readonly kind: 'unclear'; readonly message: string };

/**
 * Gathers what became of the points of one write. Points that lost to another with their key share its fate while it is stored or
 * kept; when the winner is refused for good, they are in the running again.
 */
export class WriteTally {
  readonly #rejected: RejectedPoint[];
  readonly #keep: number[] = [];
  #losers: ReadonlyMap<number, readonly number[]> = new Map();
  #again: number[] = [];
  #stored = 0;
  #alreadyStored = 0;
  #keepReason: string | undefined;

  constructor(rejected: readonly RejectedPoint[]) {
    this.#rejected = [...rejected];
  }

  /** Begins a round of calls, and says which points each point that is sent stands for. */
  begin(losers: ReadonlyMap<number, readonly number[]>): void {
    this.#losers = losers;
    this.#again = [];
  }

  /** The points whose winners this round refused: what the next round sends. */
  get again(): readonly number[] {
    return this.#again;
  }

  /** Every record of a call was written. */
  stored(indices: readonly number[]): void {
    this.#stored += indices.length;
    for (const index of indices) this.#alreadyStored += this.#losersOf(index).length;
  }

  /** A call was answered with refusals, by position in the call; the others were written. */
  answered(indices: readonly number[], refusals: ReadonlyMap<number, Refusal>): void {
    this.stored(indices.filter((_, position) => !refusals.has(position)));
    for (const [position, refusal] of refusals) {
      const index = indices[position];
      if (index === undefined) continue;
      if (refusal.kind === 'stored') this.#alreadyStored += 1 + this.#losersOf(index).length;
      else if (refusal.kind === 'rejected') this.rejected(index, refusal.message);
      else this.keep([index], refusal.message);
    }
  }

  rejected(index: number, message: string): void {
    this.#rejected.push({ index, message });
    this.#again.push(...this.#losersOf(index));
  }

  /** Points that were not written now. The first reason is the one reported. */
  keep(indices: readonly number[], reason: string): void {
    for (const index of indices) this.#keepAll([index, ...this.#losersOf(index)], reason);
  }

  report(): WriteReport {
    return {
      stored: this.#stored,
      alreadyStored: this.#alreadyStored,
      rejected: this.#rejected.sort((a, b) => a.index - b.index),
      keep: this.#keep.sort((a, b) => a - b),
      ...(this.#keepReason === undefined ? {} : { keepReason: this.#keepReason }),
    };
  }

  #losersOf(index: number): readonly number[] {
    return this.#losers.get(index) ?? [];
  }

  #keepAll(indices: readonly number[], reason: string): void {
    if (indices.length === 0) return;
    this.#keep.push(...indices);
    this.#keepReason ??= reason;
  }
}
