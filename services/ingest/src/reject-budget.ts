export interface RejectBudgetOptions {
  /** Refused messages of one device that are quarantined in each window; 0 quarantines all, always. */
  readonly messages: number;
  /** Of the messages over the budget, one in this many is quarantined too. */
  readonly keepOneIn: number;
  readonly windowMs: number;
  /** Told at the end of a window in which refusals were only counted. */
  readonly onSampledOut: (report: SampledOutReport) => void;
}

/** What was counted and not kept in one window. */
export interface SampledOutReport {
  readonly messages: number;
  readonly readings: number;
  readonly keepOneIn: number;
  /** The devices with the most such messages, at most ten. */
  readonly devices: Readonly<Record<string, number>>;
}

/** What becomes of a refused message: all are kept, this one stands for others that are not, or it is only counted. */
export type RefusalShare =
  | { readonly kind: 'keep' }
  | { readonly kind: 'sample'; readonly keptShare: string }
  | { readonly kind: 'count' };

interface Spent {
  messages: number;
  droppedMessages: number;
  droppedReadings: number;
}

const KEEP: RefusalShare = { kind: 'keep' };
const COUNT: RefusalShare = { kind: 'count' };

/** Devices that are watched in one window; the refusals of further ones are all kept. */
const MAX_DEVICES = 10_000;
const REPORTED_DEVICES = 10;

/**
 * Keeps one broken or hostile device from filling the quarantine: after its budget of refused messages in a window, one in so many is
 * quarantined, and the others are only counted.
 */
export class RejectBudget {
  readonly #options: RejectBudgetOptions;
  readonly #spent = new Map<string, Spent>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RejectBudgetOptions) {
    this.#options = options;
  }

  /** Decides about a message of `device` with this many refused readings. A message that names no device is always kept. */
  spend(device: string | undefined, readings: number): RefusalShare {
    const { messages, keepOneIn } = this.#options;
    if (messages === 0 || device === undefined) return KEEP;
    const spent = this.#spentBy(device);
    if (!spent) return KEEP;
    spent.messages += 1;
    const over = spent.messages - messages;
    if (over <= 0) return KEEP;
    if (over % keepOneIn === 0) return { kind: 'sample', keptShare: `1 in ${keepOneIn}` };
    spent.droppedMessages += 1;
    spent.droppedReadings += readings;
    return COUNT;
  }

  /** Ends the window now: for the end of the process. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const dropped = [...this.#spent].filter(([, { droppedMessages }]) => droppedMessages > 0);
    this.#spent.clear();
    if (dropped.length === 0) return;
    dropped.sort(([, a], [, b]) => b.droppedMessages - a.droppedMessages);
    this.#options.onSampledOut({
      messages: dropped.reduce((sum, [, { droppedMessages }]) => sum + droppedMessages, 0),
      readings: dropped.reduce((sum, [, { droppedReadings }]) => sum + droppedReadings, 0),
      keepOneIn: this.#options.keepOneIn,
      devices: Object.fromEntries(
        dropped.slice(0, REPORTED_DEVICES).map(([device, { droppedMessages }]) => [device, droppedMessages]),
      ),
    });
  }

  #spentBy(device: string): Spent | undefined {
    const known = this.#spent.get(device);
    if (known || this.#spent.size >= MAX_DEVICES) return known;
    const spent = { messages: 0, droppedMessages: 0, droppedReadings: 0 };
    this.#spent.set(device, spent);
    if (!this.#timer) {
      this.#timer = setTimeout(() => this.close(), this.#options.windowMs);
      this.#timer.unref();
    }
    return spent;
  }
}
