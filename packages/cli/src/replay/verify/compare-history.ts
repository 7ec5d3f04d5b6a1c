import type { Expected } from './expectations.ts';
import type { ReadPoint } from './history-reader.ts';

/** What is wrong with one point, and what it is about. Times are milliseconds since 1970 UTC. */
export interface Difference {
  readonly agriId: string;
  readonly t: number;
  readonly expected?: number;
  readonly read?: number;
}

/** What reading one factor back found. */
export interface FactorComparison {
  readonly expected: number;
  /** Points read, expected or not. */
  readonly read: number;
  readonly right: number;
  readonly missing: number;
  readonly wrong: number;
  /** Keys that were read more than once, or out of order. */
  readonly duplicate: number;
  /** Points at times that this replay did not send: from before, or from others. */
  readonly others: number;
  /** Keys sent with several values of one version, of which only presence can be checked. */
  readonly contested: number;
  readonly firstMissing?: Difference;
  readonly firstWrong?: Difference;
  readonly firstDuplicate?: Difference;
}

/**
 * Compares a factor's expected points with what was read, both newest first, in one pass that holds one page. Of each kind of difference
 * the first is named: the newest.
 */
export async function compareHistory(
  agriId: string,
  expected: Iterable<Expected>,
  pages: AsyncIterable<readonly ReadPoint[]>,
): Promise<FactorComparison> {
  const comparison = new Comparison(agriId, expected);
  for await (const page of pages) {
    for (const point of page) comparison.take(point);
  }
  return comparison.end();
}

class Comparison {
  readonly #agriId: string;
  readonly #expected: Iterator<Expected>;
  #next: Expected | undefined;
  #previousT = Number.POSITIVE_INFINITY;
  readonly #counts = {
    expected: 0,
    read: 0,
    right: 0,
    missing: 0,
    wrong: 0,
    duplicate: 0,
    others: 0,
    contested: 0,
  };
  readonly #first: { firstMissing?: Difference; firstWrong?: Difference; firstDuplicate?: Difference } = {};

  constructor(agriId: string, expected: Iterable<Expected>) {
    this.#agriId = agriId;
    this.#expected = expected[Symbol.iterator]();
    this.#advance();
  }

  take({ t, value }: ReadPoint): void {
    this.#counts.read += 1;
    if (t >= this.#previousT) {
      this.#counts.duplicate += 1;
      this.#first.firstDuplicate ??= { agriId: this.#agriId, t, read: value };
      return;
    }
    this.#previousT = t;
    while (this.#next && this.#next.t > t) this.#miss(this.#next);
    const next = this.#next;
    if (next?.t !== t) {
      this.#counts.others += 1;
      return;
    }
    if (next.contested) this.#counts.contested += 1;
    if (next.contested || next.value === value) this.#counts.right += 1;
    else {
      this.#counts.wrong += 1;
      this.#first.firstWrong ??= { agriId: this.#agriId, t, expected: next.value, read: value };
    }
    this.#advance();
  }

  end(): FactorComparison {
    while (this.#next) this.#miss(this.#next);
    return { ...this.#counts, ...this.#first };
  }

  #miss({ t, value }: Expected): void {
    this.#counts.missing += 1;
    this.#first.firstMissing ??= { agriId: this.#agriId, t, expected: value };
    this.#advance();
  }

  #advance(): void {
    const step = this.#expected.next();
    this.#next = step.done ? undefined : step.value;
    if (this.#next) this.#counts.expected += 1;
  }
}
