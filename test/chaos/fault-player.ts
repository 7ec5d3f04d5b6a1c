import type { Chaos } from './faults/index.ts';
import { describeFault, type ScheduledFault } from './schedule.ts';

/** Plays the schedule of a run. */
export class FaultPlayer {
  readonly #chaos: Chaos;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #say: (line: string) => void;
  #outages = 0;

  constructor(chaos: Chaos, say: (line: string) => void) {
    this.#chaos = chaos;
    this.#say = say;
  }

  /** True while an outage is on. */
  get outage(): boolean {
    return this.#outages > 0;
  }

  start(schedule: readonly ScheduledFault[]): void {
    for (const event of schedule) {
      this.#after(event.atMs, () => this.#begin(event));
      if (event.durationMs > 0) this.#after(event.atMs + event.durationMs, () => this.#end(event));
    }
  }

  /** Ends every fault now; duplicates go on. */
  calm(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#outages = 0;
    const { sqs, store, storeLine, registryLine } = this.#chaos;
    sqs.calm();
    store.calm();
    storeLine.restore();
    registryLine.restore();
  }

  #begin(event: ScheduledFault): void {
    const { fault, victim } = event;
    this.#say(`${describeFault(event)}: ${fault.what}`);
    if (fault.outage) this.#outages += 1;
    fault.begin(this.#chaos, victim);
  }

  #end({ fault }: ScheduledFault): void {
    fault.end?.(this.#chaos);
    if (fault.outage) this.#outages -= 1;
  }

  #after(ms: number, run: () => void): void {
    this.#timers.add(setTimeout(run, ms));
  }
}
