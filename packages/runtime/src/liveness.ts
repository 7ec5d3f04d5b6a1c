/** Why a part hangs, in words for people; undefined while it moves. */
export type HangCheck = () => string | undefined;

/** Whether a process still moves: what `/healthz` answers. A part that hangs is mended by nothing but a restart. */
export class Liveness {
  readonly #checks = new Map<string, HangCheck>();

  /** Asks `check` at each question; replaces an earlier check of that name. */
  watch(part: string, check: HangCheck): void {
    this.#checks.set(part, check);
  }

  /** The parts that hang, each with its reason; empty when all move. */
  report(): Readonly<Record<string, string>> {
    const hanging: Record<string, string> = {};
    for (const [part, check] of this.#checks) {
      const reason = check();
      if (reason !== undefined) hanging[part] = reason;
    }
    return hanging;
  }
}
