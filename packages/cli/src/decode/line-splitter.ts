/** Longest accepted line, in bytes, unless a splitter is told otherwise. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** One line without its line feed. Of one beyond the limit only its number of bytes is kept. */
export type Line =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly length: number };

const LINE_FEED = 0x0a;

/**
 * Cuts a stream of bytes into lines. Holds at most `maxBytes` of an unfinished line, however long it becomes. A line
 * feed ends a line; what stands behind the last one is a line too, unless it is empty.
 */
export class LineSplitter {
  /** The beginning of a line that goes on in the next chunk. */
  #parts: Uint8Array[] = [];
  #length = 0;
  readonly #maxBytes: number;

  constructor(maxBytes = MAX_LINE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in the chunk. Take them all before the next call. */
  *push(chunk: Uint8Array): Generator<Line> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      this.#keep(chunk.subarray(start, end < 0 ? chunk.length : end));
      if (end < 0) return;
      yield this.#take();
      start = end + 1;
    }
  }

  /** The last line, when no line feed ended it. */
  *end(): Generator<Line> {
    if (this.#length > 0) yield this.#take();
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#maxBytes) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #take(): Line {
    const [parts, length] = [this.#parts, this.#length];
    this.#parts = [];
    this.#length = 0;
    if (length > this.#maxBytes) return { ok: false, length };
    const [first] = parts;
    return { ok: true, bytes: first && parts.length === 1 ? first : Buffer.concat(parts) };
  }
}
