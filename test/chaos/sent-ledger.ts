import type { AgriId } from '@furrow/contracts';

/** A point's key as text: `<agri_id>@<milliseconds>`. */
export type PointKey = string;

export const pointKey = (agriId: string, t: number): PointKey => `${agriId}@${t}`;

/** What the senders have sent, exactly: one value for each factor and time. */
export class SentLedger {
  /** Points that must be in the store in the end, by factor and time. */
  readonly points = new Map<AgriId, Map<number, number>>();
  /** Points that the store refuses: they must be in quarantine, and nowhere else. */
  readonly refused = new Set<PointKey>();
  /** Messages that must be in quarantine whole, by their body. */
  readonly poison = new Map<
    string,
    { readonly kind: string; readonly reasons: Readonly<Record<string, number>> }
  >();
  readings = 0;

  /** Throws when a key was sent already: the audit would be blind to it. */
  add(agriId: AgriId, t: number, value: number, refused: boolean): void {
    this.readings += 1;
    const times = this.points.get(agriId) ?? new Map<number, number>();
    if (times.has(t) || this.refused.has(pointKey(agriId, t)))
      throw new Error(`${agriId} was sent twice at ${t}`);
    this.points.set(agriId, times);
    if (refused) this.refused.add(pointKey(agriId, t));
    else times.set(t, value);
  }
}
