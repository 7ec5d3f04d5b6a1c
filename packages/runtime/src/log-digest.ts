import type { Logger } from 'pino';

/** Kinds of lines that are kept apart in one window; further kinds are written at once. */
const MAX_KINDS = 100;

/**
 * Writes what may happen to many messages at once as few lines: the first of a kind at once, the others of the same window as one line
 * with their number. `kind` tells lines of one text apart, by their reason, say.
 */
export class LogDigest {
  readonly #logger: Logger;
  readonly #windowMs: number;
  readonly #counts = new Map<
    string,
    { readonly level: Level; readonly text: string; readonly kind: string; more: number }
  >();
  #timer: NodeJS.Timeout | undefined;

  /** `windowMs` is 1 s by default. */
  constructor(logger: Logger, windowMs = 1_000) {
    this.#logger = logger;
    this.#windowMs = windowMs;
  }

  write(level: Level, text: string, kind: string, details: Readonly<Record<string, unknown>>): void {
    const key = `${text}\n${kind}`;
    const known = this.#counts.get(key);
    if (known) {
      known.more += 1;
      return;
    }
    this.#logger[level]({ kind, ...details }, text);
    if (this.#counts.size >= MAX_KINDS) return;
    this.#counts.set(key, { level, text, kind, more: 0 });
    this.#timer ??= setTimeout(() => this.flush(), this.#windowMs);
    this.#timer.unref();
  }

  /** Writes the numbers of the window now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { level, text, kind, more } of this.#counts.values())
      if (more > 0) this.#logger[level]({ kind, more }, `${text}: ${more} more`);
    this.#counts.clear();
  }
}

type Level = 'info' | 'warn' | 'error';
