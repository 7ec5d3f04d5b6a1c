/** A part of the system that the worker cannot do without. */
export interface Dependency {
  /** What readiness and logs call it. */
  readonly name: string;
  /** Messages that may wait for it before intake pauses; 0, which pauses at the first failure, when left out. */
  readonly tolerated?: number;
  /** Resolves when it answers again. */
  probe(): Promise<void>;
}

export interface IntakeBreakerOptions {
  /** Stops taking messages; those in hand go on. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Told of every change: the reason when `name` fails, undefined when it answers again. */
  readonly onChange: (name: string, reason: string | undefined) => void;
  /** First and longest wait between two probes, in milliseconds. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

/** How a message may go to work: `free` beside others, or `trial`, alone, to find out whether the dependency works again. */
export type Turn = 'free' | 'trial';

interface Waiter {
  admit(turn: Turn): void;
  giveUp(reason: Error): void;
}

interface Outage {
  readonly dependency: Dependency;
  readonly waiters: Set<Waiter>;
  timer: NodeJS.Timeout | undefined;
  waitMs: number;
  /** True after a probe answered, until the dependency has also done its work, or failed at it. */
  halfOpen: boolean;
  /** A message is on trial. */
  onTrial: boolean;
}

/**
 * Holds work while a dependency is out. Messages in hand wait for their turn and keep their lease, so that an outage costs them no further
 * receive; intake pauses, so that the others wait on their queue. The dependency is probed with growing waits. When it answers, one
 * message goes first: if that works, all follow and intake goes on; if it fails (a full disk answers probes too), the waits grow further and
 * another message has the next trial. Without a message in hand, intake goes on as soon as a probe is answered.
 */
export class IntakeBreaker {
  readonly #options: IntakeBreakerOptions;
  readonly #outages = new Map<string, Outage>();
  #paused = false;
  #closed: Error | undefined;

  constructor(options: IntakeBreakerOptions) {
    this.#options = options;
  }

  /** Whether the dependency is out now, and how many messages wait for it. */
  status({ name }: Dependency): { readonly out: boolean; readonly waiting: number } {
    const outage = this.#outages.get(name);
    return { out: outage !== undefined && !outage.halfOpen, waiting: outage?.waiters.size ?? 0 };
  }

  /**
   * Resolves when the caller may use the dependency, and must then report `worked` or `failed`. Rejects with the signal's reason, or
   * when the breaker closes.
   */
  async turn({ name }: Dependency, signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted();
    const outage = this.#outages.get(name);
    if (!outage) return 'free';
    if (this.#closed) throw this.#closed;
    if (outage.halfOpen && !outage.onTrial) {
      outage.onTrial = true;
      return 'trial';
    }
    return await this.#wait(outage, signal);
  }

  /** The dependency could not do its work. */
  failed(dependency: Dependency, reason: string): void {
    const outage = this.#outages.get(dependency.name);
    if (this.#closed || (outage && !outage.halfOpen)) return;
    if (outage) this.#reopen(outage);
    else this.#open(dependency);
    this.#pauseOrResume();
    this.#options.onChange(dependency.name, reason);
  }

  /** The dependency did its work. */
  worked({ name }: Dependency): void {
    const outage = this.#outages.get(name);
    if (!outage?.halfOpen) return;
    clearTimeout(outage.timer);
    this.#outages.delete(name);
    this.#options.onChange(name, undefined);
    for (const waiter of [...outage.waiters]) waiter.admit('free');
    this.#pauseOrResume();
  }

  /** Stops probing and gives up whoever waits, now and later; intake stays as it is. */
  close(reason: Error): void {
    this.#closed ??= reason;
    for (const { timer, waiters } of this.#outages.values()) {
      clearTimeout(timer);
      for (const waiter of [...waiters]) waiter.giveUp(this.#closed);
    }
  }

  #open(dependency: Dependency): void {
    const { firstWaitMs } = this.#options;
    const outage: Outage = {
      dependency,
      waiters: new Set(),
      timer: undefined,
      waitMs: firstWaitMs,
      halfOpen: false,
      onTrial: false,
    };
    this.#outages.set(dependency.name, outage);
    this.#probeLater(outage);
  }

  #reopen(outage: Outage): void {
    outage.halfOpen = false;
    outage.onTrial = false;
    outage.waitMs = Math.min(outage.waitMs * 2, this.#options.longestWaitMs);
    this.#probeLater(outage);
  }

  #wait(outage: Outage, signal: AbortSignal): Promise<Turn> {
    return new Promise<Turn>((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort);
        outage.waiters.delete(waiter);
      };
      const waiter: Waiter = {
        admit: (turn) => {
          leave();
          resolve(turn);
        },
        giveUp: (reason) => {
          leave();
          reject(reason);
          this.#pauseOrResume();
        },
      };
      const onAbort = (): void => waiter.giveUp(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      outage.waiters.add(waiter);
      this.#pauseOrResume();
    });
  }

  #probeLater(outage: Outage): void {
    clearTimeout(outage.timer);
    outage.timer = setTimeout(() => void this.#probe(outage), outage.waitMs);
  }

  async #probe(outage: Outage): Promise<void> {
    const { name } = outage.dependency;
    try {
      await outage.dependency.probe();
    } catch (error) {
      if (this.#closed) return;
      this.#options.onChange(name, error instanceof Error ? error.message : String(error));
      this.#reopen(outage);
      return;
    }
    if (this.#closed || this.#outages.get(name) !== outage) return;
    outage.halfOpen = true;
    this.#tryOne(outage);
    if (!outage.onTrial) this.#options.onChange(name, undefined);
    this.#pauseOrResume();
  }

  /** Lets the message that has waited longest go first. One that never reports is followed by the next after a while. */
  #tryOne(outage: Outage): void {
    const [first] = outage.waiters;
    if (!first) return;
    outage.onTrial = true;
    first.admit('trial');
    outage.timer = setTimeout(() => {
      outage.onTrial = false;
      this.#tryOne(outage);
      this.#pauseOrResume();
    }, this.#options.longestWaitMs);
  }

  #pauseOrResume(): void {
    const pause = [...this.#outages.values()].some(({ dependency, waiters, halfOpen, onTrial }) => {
      const tolerated = dependency.tolerated ?? 0;
      if (tolerated > 0) return waiters.size > tolerated;
      return !halfOpen || onTrial;
    });
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#options.pause();
    else this.#options.resume();
  }
}
