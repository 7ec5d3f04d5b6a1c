import type { Reject, RejectReason } from '@furrow/contracts';

/** How a message ended here. A returned one comes again from the queue, and is received again then. */
export type MessageEnd = 'acked' | 'quarantined' | 'returned';

/** The worker's books, in readings and in messages, since it started. */
export interface LedgerTotals {
  readonly readings: {
    readonly received: number;
    readonly stored: number;
    readonly alreadyStored: number;
    readonly rejected: number;
    readonly rejectedByReason: Readonly<Partial<Record<RejectReason, number>>>;
    readonly returned: number;
    readonly inFlight: number;
    /** received − (stored + already stored + rejected + returned + in flight). Anything but 0 is a defect of the worker. */
    readonly imbalance: number;
  };
  readonly messages: {
    readonly received: number;
    readonly acked: number;
    readonly quarantined: number;
    readonly returned: number;
    readonly inFlight: number;
    /** received − (acked + quarantined + returned + in flight). */
    readonly imbalance: number;
  };
}

/**
 * The worker's double-entry books: received = stored + already stored + rejected + returned + in flight. The two sides are counted
 * in different places (messages report what became of their readings, the writer reports what the store said), so a reading
 * that is dropped or counted twice on the way shows as an imbalance.
 */
export class Ledger {
  readonly #open = new Set<MessageAccount>();
  readonly #ends: Record<MessageEnd, number> = { acked: 0, quarantined: 0, returned: 0 };
  readonly #rejected = new Map<RejectReason, number>();
  #messages = 0;
  #readings = 0;
  #stored = 0;
  #alreadyStored = 0;
  #returned = 0;

  /** A message was taken from the queue. */
  receive(): MessageAccount {
    this.#messages += 1;
    const account: MessageAccount = new MessageAccount({
      found: (readings) => {
        this.#readings += readings;
      },
      correctReturned: (readings) => {
        this.#returned += readings;
      },
      settle: (end, rejects) => {
        this.#open.delete(account);
        this.#settle(account, end, rejects);
      },
    });
    this.#open.add(account);
    return account;
  }

  /** The store's own report of a write. */
  written(report: { readonly stored: number; readonly alreadyStored: number }): void {
    this.#stored += report.stored;
    this.#alreadyStored += report.alreadyStored;
  }

  totals(): LedgerTotals {
    const rejected = sum(this.#rejected.values());
    const inFlight = sum([...this.#open].map((account) => account.inFlight));
    const accounted = this.#stored + this.#alreadyStored + rejected + this.#returned + inFlight;
    const { acked, quarantined, returned } = this.#ends;
    const open = this.#open.size;
    return {
      readings: {
        received: this.#readings,
        stored: this.#stored,
        alreadyStored: this.#alreadyStored,
        rejected,
        rejectedByReason: Object.fromEntries(this.#rejected),
        returned: this.#returned,
        inFlight,
        imbalance: this.#readings - accounted,
      },
      messages: {
        received: this.#messages,
        acked,
        quarantined,
        returned,
        inFlight: open,
        imbalance: this.#messages - (acked + quarantined + returned + open),
      },
    };
  }

  #settle(account: MessageAccount, end: MessageEnd, rejects: readonly Reject[]): void {
    this.#ends[end] += 1;
    if (end === 'returned') {
      this.#returned += account.inFlight;
      return;
    }
    for (const { reason } of rejects) this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1);
  }
}

interface AccountBooks {
  found(readings: number): void;
  correctReturned(readings: number): void;
  settle(end: MessageEnd, rejects: readonly Reject[]): void;
}

/** What one message in hand still owes. */
export class MessageAccount {
  readonly #books: AccountBooks;
  #readings = 0;
  #durable = 0;
  #settled = false;

  constructor(books: AccountBooks) {
    this.#books = books;
  }

  get readings(): number {
    return this.#readings;
  }

  /** Readings that are not durable in the store yet. */
  get inFlight(): number {
    return this.#readings - this.#durable;
  }

  /** The message was parsed and has this many readings. It may have been given up meanwhile. */
  found(readings: number): void {
    this.#readings += readings;
    this.#books.found(readings);
    if (this.#settled) this.#books.correctReturned(readings);
  }

  /** This many of them are in the store: now, or after the message was given up already. */
  durable(readings: number): void {
    this.#durable += readings;
    if (this.#settled) this.#books.correctReturned(-readings);
  }

  /** The message left the worker. Only the first end counts. */
  settle(end: MessageEnd, rejects: readonly Reject[] = []): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#books.settle(end, rejects);
  }
}

function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
