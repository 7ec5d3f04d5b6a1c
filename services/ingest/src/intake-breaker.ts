/** A part of the system that the worker cannot do without. */
export interface Dependency {
  /** What readiness and logs call it. */
  readonly name: string;
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

interface Outage {
  timer: NodeJS.Timeout | undefined;
  waitMs: number;
  /** True after a probe answered, until the dependency has also done its work. */
  halfOpen: boolean;
}

/**
 * Pauses intake while a dependency is out, so that the messages of an outage wait on their queue and are not received again and again until
 * they count as poison. Each dependency is probed with growing waits; when all answer, intake goes on by itself. One that answers probes
 * but fails at its work (a full disk, say) keeps its growing waits until it succeeds.
 */
export class IntakeBreaker {
  readonly #options: IntakeBreakerOptions;
  readonly #outages = new Map<string, Outage>();
  #closed = false;

  constructor(options: IntakeBreakerOptions) {
    this.#options = options;
  }

  /** The dependency could not do its work. */
  failed(dependency: Dependency, reason: string): void {
    const outage = this.#outages.get(dependency.name);
    if (this.#closed || (outage && !outage.halfOpen)) return;
    const waitMs = outage
      ? Math.min(outage.waitMs * 2, this.#options.longestWaitMs)
      : this.#options.firstWaitMs;
    this.#options.pause();
    this.#options.onChange(dependency.name, reason);
    this.#outages.set(dependency.name, this.#waiting(dependency, waitMs));
  }

  /** The dependency did its work. */
  worked({ name }: Dependency): void {
    if (this.#outages.get(name)?.halfOpen) this.#outages.delete(name);
  }

  /** Stops probing; intake stays as it is. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#outages.values()) clearTimeout(timer);
  }

  #waiting(dependency: Dependency, waitMs: number): Outage {
    const timer = setTimeout(() => void this.#probe(dependency), waitMs);
    return { timer, waitMs, halfOpen: false };
  }

  async #probe(dependency: Dependency): Promise<void> {
    const outage = this.#outages.get(dependency.name);
    if (!outage) return;
    try {
      await dependency.probe();
    } catch (error) {
      if (this.#closed) return;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.onChange(dependency.name, reason);
      const waitMs = Math.min(outage.waitMs * 2, this.#options.longestWaitMs);
      this.#outages.set(dependency.name, this.#waiting(dependency, waitMs));
      return;
    }
    if (this.#closed) return;
    outage.halfOpen = true;
    this.#options.onChange(dependency.name, undefined);
    if ([...this.#outages.values()].every(({ halfOpen }) => halfOpen)) this.#options.resume();
  }
}
