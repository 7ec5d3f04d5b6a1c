/** Pause between two lines where there is no terminal. */
const PLAIN_EVERY_MS = 5_000;

/** Lines that say how things stand, over and over. */
export interface LiveLines {
  /** Shows the newest state; on a terminal in place of the one before. */
  show(lines: readonly string[]): void;
  /** Ends it; what was shown last stays on a terminal. */
  end(): void;
}

/** On a terminal some lines that are drawn over each time, cut to its width; elsewhere one joined line every five seconds. */
export function startLiveLines(output: NodeJS.WriteStream = process.stderr): LiveLines {
  return output.isTTY ? new TerminalLines(output) : new PlainLines(output);
}

class TerminalLines implements LiveLines {
  readonly #output: NodeJS.WriteStream;
  #shown = 0;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  show(lines: readonly string[]): void {
    const width = Math.max(20, (this.#output.columns ?? 80) - 1);
    const text = lines.map((line) => `${cut(line, width)}\n`).join('');
    this.#output.write(`${this.#up()}${text}`);
    this.#shown = lines.length;
  }

  end(): void {
    this.#shown = 0;
  }

  /** To the first shown line, and everything below it away. */
  #up(): string {
    return this.#shown === 0 ? '' : `\u001b[${this.#shown}A\u001b[0J`;
  }
}

class PlainLines implements LiveLines {
  readonly #output: NodeJS.WriteStream;
  #next = performance.now() + PLAIN_EVERY_MS;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  show(lines: readonly string[]): void {
    if (performance.now() < this.#next) return;
    this.#next = performance.now() + PLAIN_EVERY_MS;
    this.#output.write(`${lines.map((line) => line.trim()).join(' · ')}\n`);
  }

  end(): void {}
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
