import type { Point } from '@furrow/contracts';
import {
  CoalescingWriter,
  type CoalescingWriterOptions,
  type WriteObservation,
} from './coalescing-writer.ts';
import type { Dependency, IntakeBreaker } from './intake-breaker.ts';

/** What became of a message's points: those that are not refused are in the store. */
export type HeldWrite =
  | {
      readonly kind: 'done';
      readonly refused: readonly { readonly point: Point; readonly message: string }[];
    }
  /** The store works for others and fails for this message: it is better given back than held. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface HeldWriterOptions {
  readonly writer: CoalescingWriterOptions;
  readonly breaker: IntakeBreaker;
  readonly store: Dependency & ConstructorParameters<typeof CoalescingWriter>[0];
}

/** Failures alone, after which the store worked for others, that tell a message which the store cannot take from an outage. */
const STRIKES = 2;

/** Writes points together with those of other messages, and holds them while the store is out. */
export class HeldWriter {
  readonly #breaker: IntakeBreaker;
  readonly #store: Dependency;
  readonly #writer: CoalescingWriter;
  /** Writes that left nothing behind. */
  #successes = 0;

  constructor({ writer, breaker, store }: HeldWriterOptions) {
    this.#breaker = breaker;
    this.#store = store;
    this.#writer = new CoalescingWriter(store, {
      ...writer,
      onWrite: (write) => {
        writer.onWrite?.(write);
        this.#wrote(write);
      },
    });
  }

  /** Resolves when every point is durable or refused, or when the store fails for this message alone. Rejects when the signal aborts. */
  async write(
    points: readonly Point[],
    signal: AbortSignal,
    onDurable: (points: number) => void,
  ): Promise<HeldWrite> {
    const refused: { point: Point; message: string }[] = [];
    let open = points;
    let strikes = 0;
    let successesBefore: number | undefined;
    while (open.length > 0) {
      const turn = await this.#breaker.turn(this.#store, signal);
      const { rejected, kept, keepReason } = await this.#writer.write(open, signal, ({ durable }) =>
        onDurable(durable),
      );
      for (const { index, message } of rejected) {
        const point = open[index];
        if (point) refused.push({ point, message });
      }
      open = kept.flatMap((index) => open[index] ?? []);
      const othersWorked = successesBefore !== undefined && this.#successes > successesBefore;
      if (turn === 'trial' && open.length > 0 && othersWorked) strikes += 1;
      if (strikes >= STRIKES) return { kind: 'failed', reason: keepReason ?? 'the store kept points back' };
      successesBefore = this.#successes;
    }
    return { kind: 'done', refused };
  }

  /** For the end: nothing waits for company any more. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  #wrote({ failure }: WriteObservation): void {
    if (failure === undefined) {
      this.#successes += 1;
      this.#breaker.worked(this.#store);
    } else {
      this.#breaker.failed(this.#store, failure);
      this.#writer.keepBack(failure);
    }
  }
}
