import type { QuarantineEnvelope } from './quarantine-envelope.ts';

/** Most text of parts that waits for the missing ones, in characters. */
const MAX_WAITING = 64 * 1_048_576;

/** Envelopes of one message, each with what it came in. */
export interface GatheredParts<From> {
  readonly envelopes: readonly QuarantineEnvelope[];
  readonly from: readonly From[];
  /** There was no room to wait for the other parts. */
  readonly noRoom: boolean;
}

interface OpenParts<From> {
  readonly envelopes: QuarantineEnvelope[];
  readonly from: From[];
  readonly slices: Set<number>;
  readonly parts: number;
  length: number;
}

/**
 * Gathers the envelopes that carry one message between them, in whatever order they come. Holds 64 Mi characters at most: a part beyond
 * them is given back by itself, as one for which there is no room.
 */
export class EnvelopeParts<From> {
  readonly #open = new Map<string, OpenParts<From>>();
  #waiting = 0;

  /** What the envelope is or completes; undefined while other parts of it are missing. `length` is that of its text. */
  add(envelope: QuarantineEnvelope, from: From, length: number): GatheredParts<From> | undefined {
    const { original } = envelope;
    const alone = { envelopes: [envelope], from: [from] };
    if (original.encoding !== 'gzip_part') return { ...alone, noRoom: false };
    if (this.#waiting + length > MAX_WAITING) return { ...alone, noRoom: true };
    const { part, parts } = original;
    // A message that came back from a redrive has its id again; its parts and those from before do not mix.
    const key = `${envelope.id} ${envelope.redrive_id ?? ''}`;
    const open = this.#open.get(key) ?? { envelopes: [], from: [], slices: new Set(), parts, length: 0 };
    this.#open.set(key, open);
    open.envelopes.push(envelope);
    open.from.push(from);
    open.slices.add(part);
    open.length += length;
    this.#waiting += length;
    if (open.slices.size < open.parts) return undefined;
    this.#open.delete(key);
    this.#waiting -= open.length;
    return { envelopes: open.envelopes, from: open.from, noRoom: false };
  }

  /** The messages of which not all parts came, in the order of their first; they are forgotten then. */
  incomplete(): GatheredParts<From>[] {
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#waiting = 0;
    return open.map(({ envelopes, from }) => ({ envelopes, from, noRoom: false }));
  }
}
