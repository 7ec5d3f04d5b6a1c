/** Whether a process can do its work now, and if not, why: what `/readyz` answers. */
export interface ReadinessReport {
  readonly ready: boolean;
  /** Every reason to wait, by the name of the part that gave it; empty when ready. */
  readonly waitingFor: Readonly<Record<string, string>>;
}

/** Collects the reasons for which the parts of a process are not ready. Ready when there is none. */
export class Readiness {
  readonly #reasons = new Map<string, string>();

  /** `part` cannot work because of `reason`; replaces its earlier reason. */
  notReady(part: string, reason: string): void {
    this.#reasons.set(part, reason);
  }

  ready(part: string): void {
    this.#reasons.delete(part);
  }

  report(): ReadinessReport {
    return { ready: this.#reasons.size === 0, waitingFor: Object.fromEntries(this.#reasons) };
  }
}
