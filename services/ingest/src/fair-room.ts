export interface FairRoomOptions {
  /** Messages that may be in hand at all. */
  readonly maxMessages: number;
  /** Bytes of messages that may be worked on at once: parsed, decoded, waiting for the store. A larger message is let in alone. */
  readonly maxBytes: number;
}

interface Waiter {
  readonly bytes: number;
  admit(): void;
}

/** Messages of one device: how many are in hand, and which of them wait for room. */
interface Lane {
  inHand: number;
  readonly waiting: Set<Waiter>;
}

/** Above this share of what may be in hand, further messages of a device that has more than its share are put off. */
const CROWDED = 0.75;

/** The share of what may be in hand that every device may have in any case. */
const UNDISPUTED = 0.125;

/** How many times an equal share of what is in hand is more than its share. */
const OVER = 1.5;

/**
 * Shares the worker between devices. Room to work is given in turns, one message of each device that waits, so a device with many messages
 * in hand does not stand before the others; and while the hand is nearly full, a device with clearly more than an equal part of it is over
 * its share, and its further messages are better put off. A device that is alone, or one of a few that are equally busy, never is.
 */
export class FairRoom {
  readonly #options: FairRoomOptions;
  readonly #lanes = new Map<string, Lane>();
  #messages = 0;
  #bytes = 0;
  #waiting = 0;

  constructor(options: FairRoomOptions) {
    this.#options = options;
  }

  /** Messages in hand that wait for room. */
  get waiting(): number {
    return this.#waiting;
  }

  /** True when another message of this device would keep others from being taken in hand. */
  isOverShare(device: string): boolean {
    const { maxMessages } = this.#options;
    const own = this.#lanes.get(device)?.inHand ?? 0;
    if (this.#messages < maxMessages * CROWDED || own <= maxMessages * UNDISPUTED) return false;
    return own > (this.#messages / this.#lanes.size) * OVER;
  }

  /**
   * Resolves when a message of this device may be worked on; what it resolves to must be called when the work is done. Rejects with the
   * signal's reason.
   */
  async enter(device: string, bytes: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const lane = this.#lanes.get(device) ?? { inHand: 0, waiting: new Set() };
    this.#lanes.set(device, lane);
    lane.inHand += 1;
    this.#messages += 1;
    if (this.#waiting > 0 || !this.#fits(bytes)) {
      try {
        await this.#wait(lane, bytes, signal);
      } catch (error) {
        this.#leave(device, lane);
        this.#admit();
        throw error;
      }
    } else {
      this.#bytes += bytes;
    }
    return () => {
      this.#bytes -= bytes;
      this.#leave(device, lane);
      this.#admit();
    };
  }

  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#options.maxBytes;
  }

  #leave(device: string, lane: Lane): void {
    lane.inHand -= 1;
    this.#messages -= 1;
    if (lane.inHand === 0) this.#lanes.delete(device);
  }

  #wait(lane: Lane, bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        lane.waiting.delete(waiter);
        this.#waiting -= 1;
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        bytes,
        admit: () => {
          leave();
          this.#bytes += bytes;
          resolve();
        },
      };
      const onAbort = (): void => {
        leave();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      lane.waiting.add(waiter);
      this.#waiting += 1;
    });
  }

  /** Lets in who fits, one of each device in turn: a device that had its turn goes to the end. */
  #admit(): void {
    while (this.#waiting > 0) {
      const next = [...this.#lanes].find(([, { waiting }]) => waiting.size > 0);
      if (!next) return;
      const [device, lane] = next;
      const [waiter] = lane.waiting;
      if (!waiter || !this.#fits(waiter.bytes)) return;
      this.#lanes.delete(device);
      this.#lanes.set(device, lane);
      waiter.admit();
    }
  }
}
